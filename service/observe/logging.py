"""Structured logs: one line an event, for people or as JSON, with the request's or job's id and no secret, ever."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from service.observe.masking import masked, masked_values

OURS = ("service", "connectors", "mappings")
_OF_MANY_LINES = frozenset({"exception", "stack"})


def configure_logging(log_format: str, *, stream: TextIO | None = None) -> None:
    """Send what our parts and libraries log to `stream` (stderr), in the given format: console or json."""
    target = stream or sys.stderr
    every: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=every,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _mask,
                *([] if log_format == "json" else [_on_its_lines]),
                _renderer(log_format, target),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        found = logging.getLogger(name)
        found.handlers = []  # the command line's own notes would say everything twice
        found.setLevel(logging.INFO)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module: Python's own, which takes values by name. Unconfigured, it shows warnings as Python does.

    The names must not be those of Python's own records, such as `name`, `args` or `module`.
    """
    found: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return found


def _renderer(log_format: str, stream: TextIO) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last step before an entry is written."""
    return masked_values({**event, "event": masked(str(event.get("event", "")))})


def _on_its_lines(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What others wrote begins no line of its own, and no terminal obeys it: JSON has its own way of saying that."""
    return {name: value if name in _OF_MANY_LINES else _shown(name, value) for name, value in event.items()}


def _shown(name: str, value: Any) -> Any:
    if not isinstance(value, str) or value.isprintable():
        return value
    if name == "event":
        return "\n    ".join(_shown("", line) for line in value.splitlines())
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in value)
