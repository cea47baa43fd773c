"""文书: what each form says (`data`), how it looks (`render`), making and keeping it (`service`)."""
