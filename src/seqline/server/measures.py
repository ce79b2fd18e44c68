"""What Prometheus may read of the server."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from seqline.server.exchange import Exchange
from seqline.server.served import Served

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Measures:
    """Counters of one server, in a registry of its own; ``let_go`` counts what observers had to leave."""

    def __init__(self, served: Served, let_go: Mapping[str, Callable[[], int]]) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "seqline_answers",
            "Answers to requests for translation, by HTTP status",
            ["status"],
            registry=self._registry,
        )
        self.timeouts = Counter("seqline_timeouts", "Of these 503, took too long", registry=self._registry)
        self.lines = Counter("seqline_lines", "Lines translated", registry=self._registry)
        self.characters = Counter("seqline_source_characters", "Characters translated", registry=self._registry)
        self.seconds = Histogram(
            "seqline_translate_seconds",
            "From a whole request to its answer",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Present(served, let_go))

    def answered(self, path: str, status: int) -> None:
        """Count an answer, whatever it says."""
        if path == "/translate":
            self._answers.labels(str(status)).inc()

    def observe(self, exchange: Exchange) -> None:
        """Count what was translated."""
        self.lines.inc(len(exchange.lines))
        self.characters.inc(sum(map(len, exchange.lines)))
        self.seconds.observe(exchange.seconds)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)


class _Present:
    """What is read off others when it is asked for."""

    def __init__(self, served: Served, let_go: Mapping[str, Callable[[], int]]) -> None:
        self._served, self._let_go = served, let_go

    def collect(self) -> Iterator[Metric]:
        served = self._served
        model = InfoMetricFamily("seqline_model", "The model that is served")
        model.add_metric([], {"version": served.located.version, "content_hash": served.located.content_hash})
        yield model
        yield GaugeMetricFamily("seqline_waiting_lines", "Lines that wait", value=served.num_waiting)
        yield CounterMetricFamily("seqline_exchanges", "Models exchanged", value=served.num_exchanges)
        yield GaugeMetricFamily("seqline_follow_failed", "1: the last look failed", value=float(bool(served.failure)))
        let_go = CounterMetricFamily("seqline_let_go", "Requests that an observer left", labels=["by"])
        for name, count in self._let_go.items():
            let_go.add_metric([name], count())
        yield let_go
