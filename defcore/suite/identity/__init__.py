"""What the identity API promises."""
