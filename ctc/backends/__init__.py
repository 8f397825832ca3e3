"""Backends: the same kernels on the host's processor and on NVIDIA GPUs."""
