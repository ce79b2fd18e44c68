"""Text in, figures out: scores, significance, slices, speed and the gate. Knows no model and no corpus."""
