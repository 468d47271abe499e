"""What the export can be asked for, and how the program is told. For Python 2.7 and 3."""

NO_PRESET, BY_QUALITY = "none", "quality"
PRESETS = (
    (NO_PRESET, "Target SSIM"),
    (BY_QUALITY, "Quality"),
    ("messaging", "Messaging"),
    ("social", "Social media"),
    ("email", "E-mail"),
    ("lossless-look", "Looks lossless"),
)
NO_BUDGET, CUSTOM_BUDGET = "none", "custom"
BUDGETS = (
    (NO_BUDGET, "No limit"),
    ("512kb", "512 KB"),
    ("1mb", "1 MB"),
    ("2mb", "2 MB"),
    ("5mb", "5 MB"),
    ("8mb", "8 MB"),
    ("10mb", "10 MB"),
    ("25mb", "25 MB"),
    (CUSTOM_BUDGET, "Limit in KB"),
)
DITHERS = (
    ("auto", "Where needed"),
    ("none", "None"),
    ("bluenoise", "Blue noise"),
    ("floyd-steinberg", "Floyd-Steinberg"),
    ("jarvis", "Jarvis"),
    ("ordered", "Ordered"),
)
COMBINE, REPLACE = "combine", "replace"
UNMARKED = (
    (COMBINE, "Add to the frames before (combine)"),
    (REPLACE, "One frame per layer (replace)"),
)


def quality(preset, ssim, quality, budget, budget_kb):
    # type: (str, float, int, str, int) -> dict[str, object]
    """Return the settings that say how good, and how large at most."""
    settings = {}  # type: dict[str, object]
    if preset == NO_PRESET:
        settings["ssim"] = ssim
    elif preset == BY_QUALITY:
        settings["quality"] = quality
    else:
        settings["preset"] = preset
    if budget == CUSTOM_BUDGET:
        settings["max_bytes"] = 1000 * budget_kb
    elif budget != NO_BUDGET:
        settings["max_bytes"] = budget
    return settings


def hex_color(red, green, blue):
    # type: (float, float, float) -> str
    """Return #rrggbb for parts from 0 to 1."""
    parts = [int(round(255 * min(max(part, 0.0), 1.0))) for part in (red, green, blue)]
    return "#" + "".join("{:02x}".format(part) for part in parts)
