"""What the comparison with OpusFilter needs: its corpus, the rules in both languages, and timed runs."""
