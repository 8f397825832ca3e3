"""Codes of cells, events, deaths, lesions and routes; the numbers are stored."""

from __future__ import annotations

import enum

# Bits of an identity that number the cells of a patient; the patient's number stands above them.
SERIAL_BITS = 40
SERIAL_MASK = (1 << SERIAL_BITS) - 1


class CellState(enum.IntEnum):
    """Where a cell stands; `FATES` are final."""

    CIRCULATING = 0
    ARRESTED = 1
    EXTRAVASATED = 2
    DORMANT = 3
    DIED = 4
    COLONY = 5
    EXITED = 6


class EventKind(enum.IntEnum):
    """What happened to a cell at one moment."""

    ARRESTED = 1
    RELEASED = 2
    EXTRAVASATED = 3
    DIED = 4
    DORMANT = 5
    COLONY = 7  # 6 is retired
    EXITED = 8
    ATTACHED = 9


class DeathCause(enum.IntEnum):
    """What a cell died of; `NONE` for a cell that did not."""

    NONE = 0
    SHEAR = 1
    IMMUNE = 2
    ANOIKIS = 3
    ARREST = 4
    TISSUE = 5
    TREATMENT = 6


class LesionState(enum.IntEnum):
    """How a lesion stands."""

    GROWING = 0
    IN_BALANCE = 1
    LOST = 2
    RESECTED = 3
    ERADICATED = 4


class Route(enum.IntEnum):
    """By which vessels cells leave the tumour or lesion that sheds them."""

    SEVERAL = 0
    CAVAL = 1
    PORTAL = 2
    PULMONARY = 3
    LYMPHATIC = 4
    ARTERIAL = 5


class ExaminationKind(enum.IntEnum):
    """By what a patient is examined."""

    CT = 0
    MRI = 1
    PET = 2
    MAMMOGRAPHY = 3
    BONE_SCAN = 4
    BLOOD_DRAW = 5
    CTDNA = 6
    BIOPSY = 7
    SENTINEL_NODE = 8
    SYMPTOMS = 9


class TreatmentKind(enum.IntEnum):
    """By what a patient is treated."""

    SURGERY = 0
    CHEMOTHERAPY = 1
    RADIATION = 2
    TARGETED = 3
    IMMUNOTHERAPY = 4
    BONE_MODIFYING = 5
    ANTIPLATELET = 6


class Response(enum.IntEnum):
    """RECIST response of what is measured on pictures."""

    NOT_EVALUABLE = 0
    COMPLETE = 1
    PARTIAL = 2
    STABLE = 3
    PROGRESSIVE = 4


class Milestone(enum.IntEnum):
    """What happens once in the course of a patient."""

    DIAGNOSIS = 0
    METASTASIS_FOUND = 1
    RELAPSE = 2
    PROGRESSION = 3
    DEATH_BY_CANCER = 4
    DEATH_BY_OTHER = 5


# States of lesions that are no longer there.
GONE = (LesionState.LOST, LesionState.RESECTED, LesionState.ERADICATED)
# In place of its identity, of a cell that has been dormant: those are counted, not told apart.
COUNTED_CELL = 2**64 - 2
# States that no cell leaves: it is no longer in flight. EXITED cells left an open network.
FATES = (CellState.DIED, CellState.COLONY, CellState.EXITED)
