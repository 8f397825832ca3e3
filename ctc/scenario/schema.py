"""What a scenario may ask for: one class a table of the file, with bounds. Reads no file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ctc.scenario.clinic_tables import Examination, PatientSettings, Treatment
from ctc.scenario.quantities import (
    CellCount,
    Depth,
    DoublingTime,
    Duration,
    Factor,
    Length,
    Mass,
    Moment,
    Place,
    PositiveFactor,
    Probability,
    RatePerMass,
    Seed,
    TerminalCount,
    Tolerance,
    TrackedCount,
    Weight,
)
from ctc.scenario.table import Table

# Each entry of a calendar has random numbers of its own, 4032 for the examinations.
MOST_ENTRIES = 4000


class About(Table):
    """``[scenario]``: what the run is for."""

    title: str = Field(min_length=1, description="One line, shown above the results.")
    question: str = Field(default="", description="The question that the run answers.")
    extends: str = Field(
        default="",
        description="Another scenario, relative to this file, whose keys hold where this "
        "file is silent; one level only.",
    )


class RunSettings(Table):
    """``[run]``: how long, from which seed."""

    seed: Seed = Field(default=1, description="Of every random number of the run.")
    duration: Duration = Field(description="Simulated time.")
    epoch: Duration = Field(
        default="1 h",  # type: ignore[assignment]
        description="Rates are constant within an epoch; checkpoints fall between epochs.",
    )


class BodySettings(Table):
    """``[body]``: whose vessels the cells travel in."""

    plan: Literal["human_female", "human_male", "mouse_25g", "rat_250g"] = Field(
        default="human_female", description="Whose organ flows and blood volumes."
    )
    source: Literal["grown", "tables", "file"] = Field(
        default="grown",
        description="Grow the vessels, import CSV tables, or read a saved network or run.",
    )
    terminals: TerminalCount = Field(
        default=20_000, description="Capillary beds of a grown body; five segments each."
    )
    seed: Seed = Field(default=1, description="Of the growth of the vessels.")
    folder: str = Field(default="", description="Folder of the tables, for source = 'tables'.")
    path: str = Field(default="", description="Saved network or run, for source = 'file'.")
    surfaces: dict[str, str] = Field(
        default={},
        description="Closed surface (STL or OBJ in mm, in the body's axes) by organ or region, "
        "instead of its own shape; for source = 'grown'.",
    )
    repair: bool = Field(
        default=True, description="Repair dirty tables by named, recorded rules, or refuse them."
    )
    flow: Literal["plan", "pressures"] = Field(
        default="plan",
        description="Tune organ resistances to the organ flows, or solve from pressures alone.",
    )
    rheology: Literal["pries", "constant"] | None = Field(
        default=None,
        description="Red cells and viscosity by calibre, or one viscosity; 'pries' by default, "
        "but 'constant' for tables solved from pressures alone.",
    )


class CancerSettings(Table):
    """``[cancer]``: what the cells are."""

    set: str = Field(description="Parameter set such as 'cancers/breast', or a TOML file.")


class SetNames(Table):
    """``[sets]``: parameter sets by topic; each a shipped name or a TOML file."""

    tumour_cell: str = Field(default="tumour_cell", description="Size, stiffness, arrest.")
    adhesion: str = Field(default="adhesion", description="Bonds of cells with endothelium.")
    clusters: str = Field(default="clusters", description="What is shed beside single cells.")
    blood_hazards: str = Field(default="blood_hazards", description="Death while in the blood.")
    lymph: str = Field(default="lymph", description="Entry into the lymph, and its nodes.")
    tissue: str = Field(default="tissue", description="Clocks of arrested and settled cells.")
    tumour: str = Field(default="tumour", description="Growth and invasion; fate of lesions.")
    diagnosis: str = Field(default="diagnosis", description="What examinations find.")
    treatment: str = Field(default="treatment", description="What treatments do.")
    prognosis: str = Field(default="prognosis", description="What patients die of.")


GrowthName = Literal["exponential", "gompertz", "logistic", "power_law"]


class TumourSource(Table):
    """``[[source]]`` of kind ``tumour``: sheds cells into the venules of its organ."""

    kind: Literal["tumour"] = Field(description="A tumour that sheds in proportion to its mass.")
    organ: str = Field(min_length=1, description="The organ that it grows in.")
    mass: Mass = Field(description="Of the tumour, at the start of the run.")
    growth: GrowthName | None = Field(
        default=None, description="How its mass grows; it stays as it is by default."
    )
    doubling_time: DoublingTime | None = Field(
        default=None,
        description="Of its mass at the start of the run, with `growth`; the cancer's by default.",
    )
    invasion: Literal["single", "collective"] | None = Field(
        default=None,
        description="It sheds only into what its front has reached, which cells move on one by "
        "one or together; into its whole organ by default.",
    )
    centre: Place | None = Field(
        default=None,
        description="Where it lies: left, back, up. Without `invasion` it sheds into the region of "
        "its organ around it; with it, a random terminal of its organ is the default.",
    )
    margin: Depth = Field(
        default="0 mm",  # type: ignore[assignment]
        description="How far its front is ahead of its surface at the start, with `invasion`.",
    )
    viable_rim: Length | None = Field(
        default=None,
        description="Only what lies so deep below its surface lives and sheds; all by default.",
    )
    shedding_rate: RatePerMass | None = Field(
        default=None, description="Cells per mass and time; the cancer's own by default."
    )
    lymph_share: Probability | None = Field(
        default=None,
        description="Of its cells, into the lymphatics of its organ; lymph.entry_share by default.",
    )
    start: Moment = Field(
        default="0 s",  # type: ignore[assignment]
        description="When shedding begins.",
    )
    stop: Duration | None = Field(
        default=None, description="When shedding ends (a resection); the end of the run by default."
    )


class BolusSource(Table):
    """``[[source]]`` of kind ``bolus``: a number of cells put in at one moment."""

    kind: Literal["bolus"] = Field(description="A given number of cells at one moment.")
    cells: CellCount = Field(description="How many.")
    organ: str = Field(default="", description="Enter at this organ's venules; or give `vessel`.")
    vessel: str = Field(default="", description="Enter at this named vessel, as 'aortic root'.")
    lymph_share: Probability = Field(
        default=0.0, description="Of them, into the lymphatics of the organ."
    )
    at: Moment = Field(
        default="0 s",  # type: ignore[assignment]
        description="When.",
    )


Source = Annotated[TumourSource | BolusSource, Field(discriminator="kind")]


class TumourSettings(Table):
    """``[tumours]``: what holds for all tumours and lesions."""

    lesion_growth: GrowthName = Field(
        default="exponential", description="How lesions grow, at the pace of their organ."
    )
    lesions_shed: bool = Field(
        default=True, description="Lesions with vessels of their own shed cells in turn."
    )
    circadian: bool = Field(
        default=False, description="Tumours and lesions shed more in the hours of sleep."
    )


class CellSettings(Table):
    """``[cells]``: switches that hold for all cells."""

    weight: Weight = Field(
        default=1.0,
        description="Shed cells that each followed one stands for: fewer are followed, and each "
        "colony is so many times as likely to become an overt lesion.",
    )
    most_followed: CellCount | None = Field(
        default=None,
        description="Cells that are followed of one epoch on average, of all tumours together by "
        "each way, blood and lymph, and of all lesions; what is shed beyond it founds nothing. "
        "Bounds the work of the last months of a life.",
    )
    inert: bool = Field(
        default=False, description="Point tracers: no size, no hazard, no arrest, no clock."
    )
    adhesion: Literal["fitted", "bell"] = Field(
        default="fitted",
        description="Chance to stop by adhesion in a bed: two fitted values for all organs, or "
        "bonds by Bell's kinetics under the shear of the organ's capillaries.",
    )
    attach_probability: Probability = Field(
        default=0.0, description="Chance to attach for good in each segment entered."
    )
    attach_radius: Length | None = Field(
        default=None,
        description="Largest lumen radius of the segments where cells attach; all by default.",
    )


class HostSettings(Table):
    """``[host]``: what the host is like, as factors; 1 is the host that the rates hold for."""

    immune_competence: Factor = Field(
        default=1.0, description="Factor on killing by immune cells; 0 is an NK knock-out."
    )
    platelets: Factor = Field(
        default=1.0, description="Platelet count over normal; below 1, killing rises."
    )
    age: PositiveFactor = Field(
        default=1.0, description="Age over that of the host; killing goes with its inverse."
    )
    hypoxia: Factor = Field(
        default=1.0, description="Factor on the rate at which cells in tissue fall asleep."
    )
    stroma_stiffness: Factor = Field(
        default=1.0, description="Factor on the rate at which dormant cells wake and grow."
    )
    exercise: PositiveFactor = Field(
        default=1.0, description="Cardiac output over that at rest; organ shares stay."
    )
    niche: dict[str, Factor] = Field(
        default_factory=dict,
        description="By organ, factor on the rates at which cells there grow to colonies: a niche "
        "that was prepared for them.",
    )


class Window(Table):
    """``[[record.window]]``: a stretch of time in which positions are stored."""

    start: Moment = Field(description="Time of the first frame.")
    duration: Moment = Field(description="Length of the window; 0 for a single frame.")
    interval: Duration = Field(description="Time between two frames.")


RecordedEvents = Literal["fates", "all", "none"]


class RecordSettings(Table):
    """``[record]``: what is stored beside tallies and events."""

    tracked: TrackedCount = Field(
        default=1000, description="Cells whose positions are stored in the windows."
    )
    window: tuple[Window, ...] = Field(
        default=(), strict=False, description="When positions are stored."
    )
    events: RecordedEvents = Field(
        default="fates",
        description="Which events are stored: all, all but arrests and releases, or none.",
    )
    position_tolerance: Tolerance | None = Field(
        default=None,
        description="How far a stored coordinate may lie from the true one; exact by default.",
    )
    compression: Literal["gzip", "none"] = Field(
        default="gzip", description="Of the stored arrays."
    )


class Settings(BaseModel):
    """A whole scenario file, checked, in SI."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, title="ctc scenario"
    )

    scenario: About = Field(description="What the run is for.")
    run: RunSettings = Field(description="How long, from which seed.")
    body: BodySettings = Field(default=BodySettings(), description="Whose vessels.")
    cancer: CancerSettings | None = Field(
        default=None, description="What the cells are; may be left out for inert cells."
    )
    sets: SetNames = Field(default=SetNames(), description="Parameter sets by topic.")
    source: tuple[Source, ...] = Field(
        strict=False, description="Where cells come from; at least one."
    )
    tumours: TumourSettings = Field(
        default=TumourSettings(), description="What holds for all tumours and lesions."
    )
    cells: CellSettings = Field(default=CellSettings(), description="Switches for all cells.")
    host: HostSettings = Field(default=HostSettings(), description="What the host is like.")
    patient: PatientSettings = Field(default=PatientSettings(), description="Who is treated.")
    examination: tuple[Examination, ...] = Field(
        default=(),
        max_length=MOST_ENTRIES,
        strict=False,
        description="When and how the patient is examined.",
    )
    treatment: tuple[Treatment, ...] = Field(
        default=(),
        max_length=MOST_ENTRIES,
        strict=False,
        description="When and how the patient is treated.",
    )
    record: RecordSettings = Field(default=RecordSettings(), description="What is stored.")
    override: dict[str, Any] = Field(
        default={},
        description="Single parameters by dotted name, such as \"tumour_cell.diameter\" = '12 um'.",
    )
