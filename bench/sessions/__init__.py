"""A crowd on one machine: idle sessions, live viewers, and many turns running at the same time.

Server, workers and PostgreSQL are the product's own processes. Models and sandboxes are scripted:
each takes a time known beforehand and no processor, so that what is left of a step is the
platform's, waiting for a busy processor included. Viewers and askers share the processors with
what they measure.
`--runs 1` is a small crowd; the tests run it.
"""

from __future__ import annotations

import argparse
import asyncio

from bench.first_answer import installed
from bench.sessions.crowds import Crowd
from bench.sessions.population import populate
from bench.sessions.workers import SMALL, Size


def run(options: argparse.Namespace) -> dict[str, float]:
    """Run the benchmark; give its figures."""
    return asyncio.run(_run(SMALL if options.runs == 1 else Size()))


async def _run(size: Size) -> dict[str, float]:
    async with installed() as (state, postgres, handover):
        idle, figures = await populate(state, handover, size)
        async with Crowd.started(state, handover, postgres, size, idle) as crowd:
            figures |= await crowd.measure()
    _report(figures, size)
    return {name: round(value, 3) for name, value in figures.items()}


def _report(f: dict[str, float], size: Size) -> None:
    """Print what was measured in lines that people read."""
    print(
        f"{size.idle} idle sessions, {size.viewers} viewers, {size.turns} turns at once of"
        f" {size.workers} workers; a scripted model takes about {size.model_s} s, a sandbox"
        f" {size.sandbox_s} s"
    )
    print(f"{'':28} {'idle':>10} {'all turns':>10}")
    for name, title in {
        "server_mb": "server, MB",
        "workers_mb": "workers together, MB",
        "postgres_mb": "PostgreSQL, MB",
        "connections": "database connections",
    }.items():
        print(f"{title:28} {f['idle_' + name]:10.0f} {f[name]:10.0f}")
    print(f"{'':28} {'quiet':>10} {'all turns':>10}")
    for name, title in {
        "get_ms_p50": "GET a session, ms, median",
        "get_ms_p95": "GET a session, ms, 95 %",
        "command_ms_p50": "a command, ms, median",
        "command_ms_p95": "a command, ms, 95 %",
    }.items():
        print(f"{title:28} {f['quiet_' + name]:10.1f} {f[name]:10.1f}")
    busy = ", ".join(f"{n} {f[n + '_processors']:.2f}" for n in ("server", "workers", "postgres"))
    print(f"processors busy meanwhile: {busy}, this benchmark {f['bench_processors']:.2f}")
    print(
        f"platform ms a step: {f['platform_ms_alone']:.1f} alone, {f['platform_ms_crowd']:.1f} in"
        f" the crowd (95 %: {f['platform_ms_crowd_p95']:.1f}), ratio {f['platform_ratio']:.2f}"
    )
    print(
        f"{f['frames']:.0f} frames reached viewers {f['frame_ms_p50']:.1f} ms after their event"
        f" (95 %: {f['frame_ms_p95']:.1f})"
    )
    print(
        f"a look at {f['long_events']:.0f} events: {f['long_everything_s']:.2f} s read whole,"
        f" {f['long_cold_s']:.2f} s cold, {f['long_warm_ms']:.2f} ms warm"
    )
