"""What the compute API promises."""
