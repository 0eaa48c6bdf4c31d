"""The public names and where they are: type checkers read this, and `__init__.py` does too."""

from .assess.check import check as check
from .assess.report import Report as Report
from .core.errors import DefinitionError as DefinitionError
from .core.errors import HistoryError as HistoryError
from .core.errors import LandmarkFileError as LandmarkFileError
from .core.errors import ModelError as ModelError
from .core.errors import PosecheckError as PosecheckError
from .core.errors import SourceError as SourceError
from .core.errors import UsageError as UsageError
from .landmarks.parquet import load_landmarks as load_landmarks
from .landmarks.series import Landmark as Landmark
from .landmarks.series import LandmarkSeries as LandmarkSeries
from .live.browser.widget import LiveCoach as LiveCoach
from .measures.catalogue import MEASURES as MEASURES
from .measures.measured import compute_measures as compute_measures
from .pose.estimate import estimate as estimate
from .pose.model.locate import resolve_model as resolve_model
from .report.export.formats import export_landmarks as export_landmarks
from .report.export.formats import export_measures as export_measures
from .sessions import History as History
from .sessions.progress.progress import progress as progress
from .stretches import Stretch as Stretch
from .stretches import load_stretch as load_stretch
from .stretches import stretch_ids as stretch_ids

__all__: list[str]
__version__: str
