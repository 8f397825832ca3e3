"""Everything worth doing on a borrowed NVIDIA machine: ``python -m tools.gpu_acceptance``."""
