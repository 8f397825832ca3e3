"""Everything worth doing on a machine with an NVIDIA GPU: ``python -m tools.gpu_acceptance``."""
