"""Traces and measures as OTLP messages (opentelemetry-proto, protobuf encoding).

Owns the names under which a collector sees them. Trace and span ids follow from the turn's id, so
that a turn told twice is the same trace twice. Must never add what a trace does not hold: no host
name, no path, no environment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.metrics.v1 import metrics_pb2 as metrics
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2 as traces

from deputy.agent.telemetry.measures import UNITS, Measure
from deputy.agent.telemetry.spans import Span, Trace

PREFIX: Final = "deputy."


def trace_id(turn: str) -> bytes:
    """Give the 16 bytes by which collectors know a turn."""
    return hashlib.sha256(f"trace/{turn}".encode()).digest()[:16]


def span_id(turn: str, name: str) -> bytes:
    """Give the 8 bytes by which collectors know a span of a turn."""
    return hashlib.sha256(f"span/{turn}/{name}".encode()).digest()[:8]


def spans_message(trace: Trace, *, cell: str, version: str) -> bytes:
    """Give the request that tells a collector of one turn."""
    scoped = traces.ScopeSpans(
        scope=_scope(version), spans=[_span(trace, span) for span in trace.spans]
    )
    told = traces.ResourceSpans(resource=_resource(cell, version), scope_spans=[scoped])
    return bytes(ExportTraceServiceRequest(resource_spans=[told]).SerializeToString())


def measures_message(
    sums: Iterable[Measure], *, since_us: int, now_us: int, cell: str, version: str
) -> bytes:
    """Give the request that tells the sums since `since_us` (UTC µs)."""
    points: dict[str, list[metrics.NumberDataPoint]] = {}
    for one in sums:
        point = metrics.NumberDataPoint(
            attributes=_pairs(dict(one.labels)),
            start_time_unix_nano=since_us * 1_000,
            time_unix_nano=now_us * 1_000,
            as_int=one.value,
        )
        points.setdefault(one.name, []).append(point)
    told = [
        metrics.Metric(name=PREFIX + name, unit=UNITS[name], sum=_sum(found))
        for name, found in points.items()
    ]
    scoped = metrics.ScopeMetrics(scope=_scope(version), metrics=told)
    whole = metrics.ResourceMetrics(resource=_resource(cell, version), scope_metrics=[scoped])
    return bytes(ExportMetricsServiceRequest(resource_metrics=[whole]).SerializeToString())


def refused(raw: bytes) -> int:
    """Give how many spans a collector says it did not take; what cannot be read says none."""
    answer = ExportTraceServiceResponse()
    try:
        answer.ParseFromString(raw)
    except DecodeError:
        return 0
    return int(answer.partial_success.rejected_spans)


def _span(trace: Trace, span: Span) -> traces.Span:
    facts = {PREFIX + name: value for name, value in span.facts.items()}
    facts |= {"deputy.session": trace.session, "deputy.turn": trace.turn}
    if span.kind in ("step", "model", "tool"):
        facts[f"deputy.{'step' if span.kind == 'step' else 'call'}"] = span.name
    error = traces.Status(code=traces.Status.STATUS_CODE_ERROR)
    return traces.Span(
        trace_id=trace_id(trace.turn),
        span_id=span_id(trace.turn, span.name),
        parent_span_id=span_id(trace.turn, span.parent) if span.parent else b"",
        name=f"tool {span.facts.get('tool', 'other')}" if span.kind == "tool" else span.kind,
        kind=traces.Span.SPAN_KIND_CLIENT
        if span.kind == "model"
        else traces.Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=span.start_us * 1_000,
        end_time_unix_nano=span.end_us * 1_000,
        attributes=_pairs(facts),
        status=error if span.failed else None,
    )


def _sum(points: list[metrics.NumberDataPoint]) -> metrics.Sum:
    return metrics.Sum(
        data_points=points,
        aggregation_temporality=metrics.AGGREGATION_TEMPORALITY_CUMULATIVE,
        is_monotonic=True,
    )


def _resource(cell: str, version: str) -> Resource:
    named = {
        "service.name": "deputy",
        "service.version": version,
        "service.instance.id": cell,
    }
    return Resource(attributes=_pairs(named))


def _scope(version: str) -> InstrumentationScope:
    return InstrumentationScope(name="deputy", version=version)


def _pairs(facts: Mapping[str, int | str]) -> list[KeyValue]:
    return [KeyValue(key=name, value=_value(value)) for name, value in sorted(facts.items())]


def _value(value: int | str) -> AnyValue:
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value)
