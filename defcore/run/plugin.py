"""The pytest plugin; inert without its options."""
