"""The service's refusals, as the API words them."""

UNAUTHORISED = "Необходима авторизация"
NOT_FOUND = "Не найдено"
NO_COMPANY = "Филиал не найден."
NO_RIGHTS = "Недостаточно прав"
NOT_MANAGER = "Нет прав на управление компанией"
LICENCE = "Необходимо продлить лицензию в филиале с id: {}"


class ApiError(Exception):
    """An answer other than success; `errors` are per field."""

    def __init__(self, status: int, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
