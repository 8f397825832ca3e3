"""Networks as GraphML, read and written by NetworkX; for small networks."""

from __future__ import annotations

import warnings
from pathlib import Path

from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.formats.extras import load_package
from ctc.formats.length_unit import METRE, LengthUnit
from ctc.formats.network_graph import from_networkx, to_networkx
from ctc.formats.plain_xml import parse_plainly
from ctc.formats.source_graph import ReadOptions
from ctc.input_files import read_text
from ctc.record.new_file import new_file
from ctc.vessels.network import VesselNetwork

# XML of more is unusable: a kilobyte and a millisecond a segment.
MOST_SEGMENTS = 100_000
_ADVICE = "Use vtkhdf or vtp."


def write_graphml(
    path: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    unit: LengthUnit = METRE,
    overwrite: bool = False,
) -> None:
    """Write the graph of `ctc.formats.network_graph.to_networkx` as GraphML.

    Raises
    ------
    InputError
        If NetworkX is not installed, or the network has more than `MOST_SEGMENTS` segments.
    OutputError
        If the file cannot be written.
    """
    networkx = load_package("networkx", needed_by="GraphML")
    if network.n_segments > MOST_SEGMENTS:
        message = f"network must have at most {MOST_SEGMENTS} segments for GraphML, got "
        message += f"{network.n_segments}. {_ADVICE}"
        raise InputError(message)
    graph = to_networkx(network, flow, unit=unit)
    with new_file(path, overwrite=overwrite) as partial:
        networkx.write_graphml_xml(graph, partial)


def read_graphml(path: Path, options: ReadOptions) -> tuple[VesselNetwork, FlowField | None]:
    """Read GraphML: ours without loss, that of others by the names of its attributes.

    Raises
    ------
    InputError
        If NetworkX is not installed, the file is no GraphML or too large, or as
        `ctc.formats.network_graph.from_networkx`.
    """
    networkx = load_package("networkx", needed_by="GraphML")
    n_edges = 0

    def count(name: str, _: dict[str, str]) -> None:
        nonlocal n_edges
        n_edges += name.rpartition(":")[2] == "edge"
        if n_edges > MOST_SEGMENTS:
            message = f"GraphML must hold at most {MOST_SEGMENTS} edges, got more. {_ADVICE}"
            raise InputError(message, file=str(path))

    text = read_text(path)
    parse_plainly(text, path, start=count)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it takes for text, which we check
            graph = networkx.parse_graphml(text)
    except (networkx.NetworkXException, LookupError, ValueError, TypeError, SyntaxError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"file must be GraphML, got what NetworkX cannot read ({reason}). Check it."
        raise InputError(message, file=str(path)) from None
    return from_networkx(graph, options, path=path, format_name="GraphML")
