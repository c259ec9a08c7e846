SHAPES: dict[str, str] = {}
CUES: dict[str, str] = {}
