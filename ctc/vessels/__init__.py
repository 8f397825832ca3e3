"""Vessel networks of a body: grown, imported, measured; no flow."""
