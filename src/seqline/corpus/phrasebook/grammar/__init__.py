"""Rules that build phrases: English morphology, numbers, dates, noun phrases, clauses."""
