"""How fast Seqline is on the machine at hand, with the params at hand: what ``seqline bench`` measures."""
