"""What Prometheus may read of the server."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from seqline.server.exchange import Exchange
from seqline.server.served import Served

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Measures:
    """Counters of one server, in a registry of its own."""

    def __init__(self, served: Served) -> None:
        self._registry = CollectorRegistry()
        self.answers = Counter(
            "seqline_answers",
            "Answers to requests for translation, by HTTP status",
            ["status"],
            registry=self._registry,
        )
        self.lines = Counter("seqline_lines", "Lines translated", registry=self._registry)
        self.characters = Counter("seqline_source_characters", "Characters translated", registry=self._registry)
        self.seconds = Histogram(
            "seqline_translate_seconds",
            "From a whole request to its answer",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Present(served))

    def observe(self, exchange: Exchange) -> None:
        """Count an exchange."""
        self.answers.labels("200").inc()
        self.lines.inc(len(exchange.lines))
        self.characters.inc(sum(map(len, exchange.lines)))
        self.seconds.observe(exchange.seconds)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)


class _Present:
    """What is read off the served model when it is asked for."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def collect(self) -> Iterator[Metric]:
        served = self._served
        model = InfoMetricFamily("seqline_model", "The model that is served")
        model.add_metric([], {"version": served.located.version, "content_hash": served.located.content_hash})
        yield model
        yield GaugeMetricFamily("seqline_waiting_lines", "Lines that wait", value=served.num_waiting)
        yield CounterMetricFamily("seqline_exchanges", "Models exchanged", value=served.num_exchanges)
        yield GaugeMetricFamily("seqline_follow_failed", "1: the last look failed", value=float(bool(served.failure)))
