"""What goes over the wire, described for OpenAPI."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from pydantic import BaseModel, Field, create_model

from ssimgif import Report, Settings, SettingsError
from ssimgif_web import store
from ssimgif_web.jobs import Job
from ssimgif_web.limits import size_limits
from ssimgif_web.store import Stored

Scalar = bool | int | float | str | None

SettingsBody: type[BaseModel] = create_model(
    "Settings",
    __doc__="The command's options by name, as `ssimgif --help` tells them; "
    'numbers may be texts such as "2MB", "30000/1001" or "0:12".',
    __config__={"extra": "allow"},
    **{f.name: (Scalar, None) for f in fields(Settings)},  # type: ignore[call-overload]
)


def read_settings(body: BaseModel) -> Settings:
    """Check settings as the command does.

    Raises
    ------
    SettingError
        With one sentence, and which setting it is about.
    """
    values: dict[str, Any] = {}
    for name, value in body.model_dump().items():
        if isinstance(value, (list, dict)):
            raise SettingError(f"{name} must be one value", name)
        if value is not None and value != "":
            values[name] = str(value)
    for name, value in values.items():
        _parsed({name: value}, name)
    # Each is right by itself: the later one of two contradicts the other.
    return _parsed(values, "end" if "end" in values and "start" in values else "preset")


class SettingError(SettingsError):
    """A setting that can't be.

    Attributes
    ----------
    setting : str
        Its name.
    """

    def __init__(self, message: str, setting: str) -> None:
        super().__init__(message)
        self.setting = setting


def _parsed(values: dict[str, Any], name: str) -> Settings:
    try:
        return Settings.parse(values)
    except SettingsError as error:
        raise SettingError(str(error), name) from error


class ErrorBody(BaseModel):
    """Why a request was not served."""

    error: str = Field(description="One sentence for the person in front of the screen.")
    setting: str | None = Field(None, description="The setting that it is about.")


class FileBody(BaseModel):
    """A file that was uploaded."""

    id: str
    name: str
    bytes: int
    width: int = Field(description="Pixels.")
    height: int = Field(description="Pixels.")
    frames: int | None = Field(description="Null where only reading to the end would tell.")

    @classmethod
    def of(cls, stored: Stored) -> FileBody:
        """Describe a file."""
        return cls(
            id=stored.id,
            name=stored.name,
            bytes=stored.bytes,
            width=stored.width,
            height=stored.height,
            frames=stored.frames,
        )


class Request(BaseModel):
    """What to convert, and how."""

    file: str = Field(description="Id of a file.")
    settings: SettingsBody = Field(default_factory=SettingsBody)  # type: ignore[valid-type]


class PreviewRequest(Request):
    """What to look at in advance."""

    fine: bool = Field(False, description="Take three times as long, and predict better.")


class PreviewBody(BaseModel):
    """A few frames of a clip, converted."""

    predicted_bytes: int | None = Field(description="Of the whole GIF, without a limit of bytes.")
    bytes_per_frame: float
    seconds: float | None = Field(description="That a conversion will take, roughly.")
    frames: list[int] = Field(description="Which frames were converted.")
    view: dict[str, Any] = Field(description="What the compare view shows, without maps.")


class JobBody(BaseModel):
    """A conversion."""

    id: str
    file: str
    name: str = Field(description="Of the GIF.")
    state: str = Field(pattern="^(waiting|running|done|failed|cancelled)$")
    stage: str | None = Field(description="What is being done.")
    done: int = Field(description="Steps of this stage that are done.")
    total: int | None = Field(description="Steps of this stage.")
    error: str | None = Field(description="Why it failed.")
    report: Report | None = Field(description="As `--report` writes it; without it until done.")

    @classmethod
    def of(cls, job: Job) -> JobBody:
        """Describe a conversion."""
        step = job.progress
        return cls(
            id=job.id,
            file=job.source.id,
            name=job.gif.name,
            state=job.state,
            stage=step.stage if step else None,
            done=step.done if step else 0,
            total=step.total if step else None,
            error=job.error,
            report=job.report,
        )


class LimitBody(BaseModel):
    """A place with a size limit."""

    name: str
    settings: dict[str, str] = Field(description="What it asks for, by the settings' names.")


class Choices(BaseModel):
    """What can be chosen, and how much is taken."""

    version: str
    presets: dict[str, dict[str, float | None]] = Field(description="Name to target.")
    default: dict[str, float | None] = Field(description="The target without any choice.")
    dithers: list[str]
    limits: list[LimitBody] = Field(description="Size limits that people meet.")
    file_bytes: int = store.FILE_BYTES
    total_bytes: int = store.TOTAL_BYTES
    most_files: int = store.MOST_FILES


def choices(version: str, presets: list[str], dithers: list[str]) -> Choices:
    """Return what can be chosen."""
    return Choices(
        version=version,
        presets={name: asdict(Settings(preset=name).target()) for name in presets},
        default=asdict(Settings().target()),
        dithers=dithers,
        limits=[LimitBody(**asdict(limit)) for limit in size_limits()],
    )
