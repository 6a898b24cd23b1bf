"""What the block storage API promises."""
