"""The one error for input that is refused before anything is decided."""


class InvalidInput(ValueError):
    """Input outside the contract. Servers answer it with INVALID_ARGUMENT and name the field.

    Attributes:
        field: path of the offending field as the caller wrote it, for example `args_json.items[3].amount`.
        message: what is wrong and what would be right, as one sentence. Never carries the value of a secret.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
