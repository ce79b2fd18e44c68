"""From raw pairs to clean ones: normalisation, rules, copies, leaks and a score that the corpus itself teaches."""

from seqline.cleaning.explain import Verdict, explain

__all__ = ["Verdict", "explain"]
