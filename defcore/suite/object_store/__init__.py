"""What the object store API promises."""
