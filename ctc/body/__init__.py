"""Body plans, the closed circuit of their compartments, and organ territories."""
