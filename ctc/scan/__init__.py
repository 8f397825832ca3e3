"""A run as a scanner would show it: the body on a grid, tumours in it, blur, noise, a picture."""
