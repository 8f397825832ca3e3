"""Session: what is shown of a run at which moment; draws nothing and knows no window."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NANOSECONDS
from ctc.record.reader import Frame, Run
from ctc.states import EventKind
from ctc.viewer.body_model import BodyModel
from ctc.viewer.cell_filter import CellFilter, check_filter
from ctc.viewer.colouring import Colouring, by_state, colours_of_run
from ctc.viewer.drawables import (
    Caption,
    CellCloud,
    FloatArray32,
    LesionBodies,
    OrganShell,
    VesselTubes,
)
from ctc.viewer.durations import clock_text
from ctc.viewer.event_search import CloneBook, next_event_time
from ctc.viewer.frame_store import FrameStore
from ctc.viewer.inquiry import Inquiry
from ctc.viewer.lesion_bodies import lesion_bodies, read_primaries
from ctc.viewer.lesion_rows import newest_rows
from ctc.viewer.notes import picture_note
from ctc.viewer.patient_view import PatientView
from ctc.viewer.plots import Plot, run_plots
from ctc.viewer.run_tables import RunTables
from ctc.viewer.stories import Story
from ctc.viewer.timeline import Timeline, lay_out_time, nearest_moment
from ctc.viewer.trail import trail_of
from ctc.viewer.vessel_colouring import VesselColouring
from ctc.viewer.view_state import ViewState

WRITER_GONE = "the writer has gone"
# Blood is drawn from an arm vein unless another vessel is chosen.
_ARM_VEINS = ("left median cubital vein", "right median cubital vein")


class Session:
    """A run to look at.

    Opening it reads neither frames nor vessels nor events; each is read when first asked for.
    One thread reads frames ahead, everything else happens in the caller's.

    Parameters
    ----------
    run : Run
        Open; stays the caller's to close, after `close`.
    n_prefetch : int
        Frames read ahead, >= 0.

    Attributes
    ----------
    index : int
        Frame that is shown, kept here for whoever shows it.
    filter : CellFilter
        Which cells are shown.
    vessel_colouring : VesselColouring
        What the colour of vessels says.
    patient : PatientView
        How the patient was examined and treated.
    sampled_vessel : str
        Named vessel from which blood is drawn in the plots; empty for none.
    """

    def __init__(self, run: Run, *, n_prefetch: int = 2) -> None:
        self._run = run
        self._store = FrameStore(run, n_prefetch=n_prefetch)
        self._tables = RunTables(run, lock=self._store.lock)
        self._scenario = run.scenario()
        self._title = str(self._scenario.get("scenario", {}).get("title", "")) or run.path.stem
        header = run.header
        self._duration = header.duration
        self._class_cells = header.class_cells
        self._primaries = read_primaries(self._scenario, self._duration)
        self.patient = PatientView(run, self._scenario, lock=self._store.lock)
        self.organ_names = run.organ_names
        self.body = BodyModel(run, self._scenario, lock=self._store.lock)
        self._inquiry = Inquiry(
            run,
            self._scenario,
            body=self.body,
            primaries=self._primaries,
            lock=self._store.lock,
        )
        self.index = 0
        self.filter = CellFilter()
        self.vessel_colouring = VesselColouring.KIND
        self.sampled_vessel = next(filter(run.vessel_names.__contains__, _ARM_VEINS), "")
        self._colours = by_state()
        self._clones: CloneBook | None = None
        self._clone_step = 0
        self._cloud: tuple[tuple[object, ...], CellCloud] | None = None
        self._n_tracked: tuple[int, int] = (-1, 0)
        self._seen_status = ""

    @property
    def run(self) -> Run:
        """The run that is looked at."""
        return self._run

    @property
    def times(self) -> npt.NDArray[np.int64]:
        """Times of the frames, (n_frames,) int64 [ns]; empty for a run without windows."""
        return self._run.frame_times

    @property
    def end(self) -> int:
        """How far the run is [ns]: its last epoch or frame."""
        epochs = self.series["time"]
        last = [int(each[-1]) for each in (epochs, self.times) if each.size]
        return max(last, default=0)

    @property
    def status(self) -> str:
        """``running``, ``stopped``, ``finished``, or ``the writer has gone``."""
        with self._store.lock:
            status = self._run.status
        self._seen_status = WRITER_GONE if status == "killed" else status
        return self._seen_status

    @property
    def series(self) -> dict[str, npt.NDArray[Any]]:
        """The series of the run, as of the last `refresh`."""
        return self._tables.series

    @property
    def lesion_rows(self) -> npt.NDArray[Any]:
        """Every row of the lesions, as of the last `refresh`."""
        return self._tables.lesion_rows

    @property
    def colouring(self) -> Colouring:
        """What the colour of cells says."""
        return self._colours.colouring

    @colouring.setter
    def colouring(self, wanted: Colouring) -> None:
        self._colours = colours_of_run(
            Colouring(wanted),
            self._scenario,
            organ_names=self.organ_names,
            cells=self.series["cells"] if wanted == Colouring.ORGAN else None,
            duration=self._duration / NANOSECONDS,
            class_cells=self._class_cells,
        )
        self._cloud = None

    def use(self, view: ViewState) -> None:
        """Show the run by the colourings, the filter and the moment of a view.

        Raises
        ------
        InputError
            As `check_view`.
        """
        self.check_view(view)
        self.colouring = view.colouring
        self.vessel_colouring = view.vessel_colouring
        self.filter = view.filter
        if view.time is not None:
            self.index = self.nearest_frame(view.time)

    def check_view(self, view: ViewState) -> None:
        """Refuse a view that is not one of this run; it would hide cells without a word.

        Raises
        ------
        InputError
            If an organ or a clone is none of this run's.
        """
        n_clones = len(self._scenario.get("source", ()))
        check_filter(view.filter, self.organ_names, n_clones=n_clones)

    def close(self) -> None:
        """End the reading ahead and the shaping of organs; the run stays open."""
        self.body.stop_shaping()
        self._store.close()

    def refresh(self) -> bool:
        """Look how far the run is now; return whether anything has changed.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        with self._store.lock:
            has_changed = self._run.refresh()
        if self._seen_status != "finished":
            self._seen_status = ""
        if has_changed:
            self._tables.read_on()
            self.body.forget_counts()
            self.patient.forget()
        return has_changed

    def timeline(self) -> Timeline:
        """Return the bar of disease time and circulation windows."""
        windows = self._scenario.get("record", {}).get("window", ())
        return lay_out_time(self.times, self.end, windows=windows, marks=self.patient.marks())

    def time_of(self, index: int) -> int:
        """Return the time of a frame [ns]; the end of the run where it has no frames."""
        return int(self.times[index]) if self.times.size else self.end

    def nearest_frame(self, time_ns: int) -> int:
        """Return the frame nearest to a moment [ns], the earlier of two; 0 without any."""
        return nearest_moment(self.times, time_ns)

    def next_event(self, time_ns: int, kinds: Collection[EventKind]) -> int | None:
        """Return when the first event of some kinds after a moment is [ns], or nothing."""
        with self._store.lock:
            return next_event_time(self._run, time_ns, kinds)

    def frame(self, index: int) -> Frame | None:
        """Return one frame as stored, or nothing where the run has none."""
        return self._store.frame(range(self.times.size)[index]) if self.times.size else None

    def cells(self, index: int) -> CellCloud:
        """Return the cells of a frame, by the present colouring and filter.

        Raises
        ------
        IndexError
            If there is no such frame; a run without any has no cells.
        InputError
            If the file is damaged there.
        """
        frame = self.frame(index)
        if frame is None:
            return CellCloud(
                np.zeros((0, 3), np.float32),
                np.zeros(0, np.uint8),
                self._colours.palette,
                np.zeros(0, np.uint64),
                self.body.size,
            )
        key = (frame.time, self.filter, self._run.n_events)
        if self._cloud is None or self._cloud[0] != key:
            self._cloud = key, self._cloud_of(frame)
            self._n_tracked = frame.time, frame.id.size
        return self._cloud[1]

    def lesions(self, time: int) -> LesionBodies:
        """Return lesions and primary tumours at a moment [ns]."""
        return lesion_bodies(
            newest_rows(self.lesion_rows, time),
            self.body.network,
            primaries=self.patient.remaining(self._primaries, time),
            time=time,
            size=self.body.size,
            found=self.patient.found(time),
        )

    def shells(self) -> tuple[OrganShell, ...]:
        """Return the surfaces of the organs."""
        return self.body.shells

    def vessels(self) -> VesselTubes:
        """Return the vessels by the present colouring.

        Raises
        ------
        InputError
            If the run does not store what they are to be coloured by.
        """
        return self.body.vessels(VesselColouring(self.vessel_colouring))[0]

    def caption(self, index: int) -> Caption:
        """Return what is to be written over the picture of a frame."""
        return self.caption_at(self.time_of(index), cloud=self.cells(index))

    def caption_at(self, time: int, *, cloud: CellCloud | None = None) -> Caption:
        """Return what is to be written at a moment [ns] with some cells, or none of them."""
        # As last seen: asking anew would wait for a frame that is being read ahead.
        status = self._seen_status or self.status
        text = clock_text(time)
        if status != "finished":
            text += f" ({status} at {clock_text(self.end)})"
        milestone = self.patient.last_milestone(time)
        text += f"; {milestone}" if milestone else ""
        _, vessel_legend = self.body.vessels(VesselColouring(self.vessel_colouring))
        return Caption(
            title=self._title,
            time=text,
            note=picture_note(
                newest_rows(self.lesion_rows, time),
                self.body.size,
                has_rings=bool(self.patient.found(time).size),
                n_frames=self.times.size,
                n_tracked=self._n_tracked[1],
                cloud=cloud,
            ),
            legend=(*self._colours.legend, *vessel_legend),
        )

    def describe_cell(self, identity: int, index: int | None = None) -> Story:
        """Return what is known of a cell, at the frame shown by default."""
        frame = self.frame(self.index if index is None else index)
        return self._inquiry.cell(identity, frame)

    def describe_lesion(self, identity: int, time: int | None = None) -> Story:
        """Return what is known of a lesion or primary tumour, at the frame shown by default."""
        now = self._now(time)
        story = self._inquiry.lesion(identity, now, rows=self.lesion_rows)
        return (*story, *self.patient.story(identity, now))

    def describe_organ(self, name: str, time: int | None = None) -> Story:
        """Return flow, blood and counts of an organ, at the frame shown by default."""
        return self._inquiry.organ(name, self._now(time), series=self.series)

    def describe_segment(self, index: int) -> Story:
        """Return what is known of a vessel segment."""
        return self._inquiry.segment(index)

    def trail(self, identity: int, index: int) -> FloatArray32:
        """Return where a cell was in the frames of this window up to one, (k, 3) float32 [m].

        Of very large frames only the last ones are looked at.
        """
        if not self.times.size:
            return np.zeros((0, 3), np.float32)
        index = range(self.times.size)[index]
        return trail_of(
            self._store,
            identity,
            index,
            times=self.times,
            n_cells=int(self._run.frame_extents[1][index]),
            timeline=self.timeline(),
        )

    @property
    def vessels_to_sample(self) -> tuple[str, ...]:
        """Vessels from which blood can be drawn; none in runs that did not count their cells."""
        return tuple(self.body.sampled_at) if "vessel_passages" in self.series else ()

    def plots(self) -> tuple[Plot, ...]:
        """Return the curves over time."""
        vessel = self.sampled_vessel
        sample = self.body.samples(vessel, self.series) if vessel else None
        return run_plots(
            self.series,
            self.lesion_rows,
            organ_names=self.organ_names,
            blood_volume=self.body.blood_volume,
            samples={} if sample is None else {vessel: sample},
            weight=self.body.cell_weight,
        )

    def allocated_bytes(self) -> int:
        """Return what frames and cells in memory take."""
        cloud = 0 if self._cloud is None else self._cloud[1].code.nbytes
        return self._store.allocated_bytes() + cloud

    def _now(self, time: int | None) -> int:
        return self.time_of(self.index) if time is None else time

    def _cloud_of(self, frame: Frame) -> CellCloud:
        book = self._book(frame)
        shown = self.filter.mask(
            frame,
            self.organ_names,
            routes=lambda: self.body.routes,
            clones=lambda: self._clones_of(book, frame),
        )
        is_by_clone = self.colouring is Colouring.CLONE
        codes = self._colours.codes(frame, self._clones_of(book, frame) if is_by_clone else None)
        position, identity = frame.position, frame.id
        if not shown.all():
            position, codes, identity = position[shown], codes[shown], identity[shown]
        return CellCloud(position, codes, self._colours.palette, identity, self.body.size)

    def _book(self, frame: Frame) -> CloneBook:
        # Tracked are the multiples of some number; a frame of few cells shows a multiple of it.
        step = math.gcd(self._clone_step, int(np.gcd.reduce(frame.id)) if frame.id.size else 0)
        if self._clones is None or step != self._clone_step:
            self._clone_step = step
            n_clones = len(self._scenario.get("source", ()))
            self._clones = CloneBook(self._run, n_clones, every=max(step, 1))
        return self._clones

    def _clones_of(self, book: CloneBook, frame: Frame) -> npt.NDArray[np.uint16]:
        with self._store.lock:
            return book.clones(frame.id)
