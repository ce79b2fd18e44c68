"""What the drills kill and what stands between."""
