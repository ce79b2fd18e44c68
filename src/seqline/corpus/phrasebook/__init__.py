"""The embedded English–Chinese corpus: a grammar and a lexicon of our own, so that the main job needs no network.

``lexicon`` holds the words, ``grammar`` the rules for phrases and clauses, ``templates`` the sentences, ``sampling``
the splits by composition and ``noise`` the planted damage. All of it is a function of the seed alone.
"""

from seqline.corpus.phrasebook import noise
from seqline.corpus.phrasebook.sampling import Sample, Sampler
from seqline.corpus.row import Row
from seqline.params.corpora import Generated, Split


def generate(corpus: Generated) -> dict[Split, list[Row]]:
    """Train with labelled noise, and clean dev and test whose compositions train never shows.

    ``corpus.pairs`` distinct pairs are drawn for train, then ``noise_share`` of them are spoilt in place. Lines count
    from 1 in each split. The same parameters give the same rows in the same order.
    Raises :class:`~seqline.errors.CorpusError` where the grammar has fewer pairs than asked for.
    """
    sampler = Sampler(corpus.seed)
    train = sampler.train(corpus.pairs)
    spoilt = noise.plan(corpus.seed, len(train), corpus.noise_share)
    clean = [sample for index, sample in enumerate(train) if index not in spoilt]
    return {
        "train": [Row(line, *texts) for line, texts in enumerate(noise.plant(corpus.seed, train, spoilt), 1)],
        "dev": _rows(sampler.held_out("dev", corpus.dev_pairs, clean)),
        "test": _rows(sampler.held_out("test", corpus.test_pairs, clean)),
    }


def _rows(samples: list[Sample]) -> list[Row]:
    return [Row(line, sample.source, sample.target) for line, sample in enumerate(samples, 1)]
