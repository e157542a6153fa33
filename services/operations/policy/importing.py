"""`bookwith policy import`: the settings of many users from a CSV file."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress as Bar

from services.operations.output import Exit, Failure, Json, error_console, failures, print_data
from services.operations.policy.access import PolicyApi
from services.operations.policy.batches import (
    MOST_FAULTS,
    Sender,
    Sum,
    batches_of,
    undo_import,
)
from services.operations.policy.change import Consent, asked_reason, command_as_typed
from services.operations.policy.import_progress import Progress, ProgressFile, advanced
from services.operations.policy.options import DryRun, Reason, Yes, api_of
from services.operations.policy.plans import print_effect, users
from services.operations.policy.user_file import Fault, Row, Unreadable, UserFile, read


def import_(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV in UTF-8, separated by comma or semicolon; the first line names the columns.",
        ),
    ],
    reason: Reason = None,
    *,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Import no line where one is wrong.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="From the first line, although it was imported before.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Change many users by a CSV file. Columns: docs/administrators.md."""
    with failures(as_json=as_json):
        file = _read(path)
        consent = Consent(reason=reason, dry_run=dry_run, yes=yes, as_json=as_json)
        api = api_of(context)
        consent = replace(consent, reason=asked_reason(consent))
        kept = ProgressFile(api.url, file)
        if again:
            kept.forget()
        progress = kept.read()
        run = _Import(file, Sender(api, progress.import_id, consent), kept, progress)
        if dry_run:
            _print_tried(api, run.try_out(), consent)
            return
        if progress.finished:
            _print_finished(progress, consent)
            return
        if all_or_nothing:
            _refuse_any_fault(run.try_out(), consent)
        done = run.carry_out(undo=all_or_nothing)
        _print_done(done, run.progress, progress.rows, consent)


@dataclass(slots=True)
class _Import:
    file: UserFile
    sender: Sender
    kept: ProgressFile
    progress: Progress

    def try_out(self) -> Sum:
        """Return what the whole file would do."""
        total = Sum(faults=list(self.file.faults))
        with _bar(self.sender.consent) as bar:
            task = bar.add_task("trying", total=len(self.file.rows))
            for batch in batches_of(self.file.rows):
                self.sender.send(batch, total, dry_run=True)
                bar.advance(task, len(batch))
        return total

    def carry_out(self, *, undo: bool) -> Sum:
        """Import from where it had stopped; with `undo`, what was done is undone on a failure."""
        total = Sum(faults=list(self.file.faults))
        rows = self.file.rows[self.progress.rows :]
        self.kept.write(self.progress)  # first: an answer that is lost is asked for again
        with _bar(self.sender.consent) as bar:
            task = bar.add_task("importing", total=len(rows))
            for batch in batches_of(rows):
                try:
                    self._send(batch, total)
                except Failure as failure:
                    raise self._after(failure, batch, total, undo=undo) from failure
                bar.advance(task, len(batch))
        if total.faults:
            self.kept.forget()  # once they are mended, here or in the policy, all is sent again
        else:
            self._note(len(self.file.rows), finished=True)
        return total

    def _send(self, batch: list[Row], total: Sum) -> None:
        self.sender.send(batch, total, dry_run=False)
        if len(total.faults) >= MOST_FAULTS:
            raise _wrong(total.faults, "So many lines are wrong that no more are imported.")
        self._note(self.progress.rows + len(batch), finished=False)

    def _note(self, rows: int, *, finished: bool) -> None:
        self.progress = advanced(self.progress, rows, finished=finished)
        self.kept.write(self.progress)

    def _after(self, failure: Failure, batch: list[Row], total: Sum, *, undo: bool) -> Failure:
        """Return the failure of a batch with what stands now."""
        if not undo:
            return _stopped(failure, batch[0].line, total.faults)
        if self.progress.rows:
            try:
                reason = f"Undoes the import {self.sender.import_id}, which has failed"
                undo_import(self.sender.api, self.sender.import_id, reason, yes=True)
            except Failure:
                hint = f"To undo what is done: bookwith policy undo {self.sender.import_id}"
                message = f"{failure.message}\nSome users are changed, and could not be undone."
                return Failure(failure.code, message, hint, failure.data)
        self.kept.forget()
        message = f"{failure.message}\nNo user is changed."
        return Failure(failure.code, message, failure.hint, failure.data)


def _stopped(failure: Failure, line: int, faults: list[Fault]) -> Failure:
    """Return the failure with where the import has stopped, and what was left out before."""
    left_out = "" if "faults" in failure.data else "".join(f"{_line(each)}\n" for each in faults)
    message = f"{left_out}{failure.message}\nThe import has stopped before line {line}."
    hint = f"{failure.hint} The same command goes on there.".strip()
    data = {"faults": _listed(faults), **failure.data, "stopped_before_line": line}
    return Failure(failure.code, message, hint, data)


def _read(path: Path) -> UserFile:
    try:
        file = read(path.read_bytes())
    except OSError as error:
        raise Failure(Exit.NOT_FOUND, f"{path} cannot be read: {error.strerror}.") from error
    except Unreadable as error:
        raise _wrong(error.faults, "Nothing has been imported.") from error
    if not file.rows and not file.faults:
        raise Failure(Exit.USAGE, f"{path} has no user.")
    return file


def _bar(consent: Consent) -> Bar:
    hidden = consent.as_json or not error_console.is_terminal
    return Bar(console=error_console, disable=hidden, transient=True)


def _refuse_any_fault(total: Sum, consent: Consent) -> None:
    if total.faults:
        raise _wrong(total.faults, "Nothing has been imported.")
    if total.warnings and not consent.yes:
        lines = [f"Warning: {each}" for each in total.warnings]
        message = "\n".join([*lines, "Nothing has been imported."])
        hint = f"If it is meant so: {command_as_typed(consent)}"
        raise Failure(Exit.NOT_CONFIRMED, message, hint)


def _wrong(faults: list[Fault] | Any, end: str) -> Failure:
    """Return the failure that lists the first hundred faults, by line."""
    listed = sorted(faults, key=lambda each: each.line)
    lines = [_line(each) for each in listed[:MOST_FAULTS]]
    if len(listed) > MOST_FAULTS:
        lines.append(f"... and {len(listed) - MOST_FAULTS:,} more.")
    return Failure(Exit.FAILED, "\n".join([*lines, end]), data={"faults": _listed(listed)})


def _line(fault: Fault) -> str:
    return f"Line {fault.line}: {fault.message}"


def _listed(faults: list[Fault]) -> list[dict[str, object]]:
    return [asdict(each) for each in faults[:MOST_FAULTS]]


def _print_tried(api: PolicyApi, total: Sum, consent: Consent) -> None:
    plan = {
        name: getattr(total, name)
        for name in ("users", "gains", "losses", "remaining", "gaining", "losing")
    }
    plan |= {"warnings": list(total.warnings.values())}
    plan |= {"gaining": total.gaining[:MOST_FAULTS], "losing": total.losing[:MOST_FAULTS]}
    if total.faults:
        end = f"Could be imported: {users(total.users)}. Nothing has been changed."
        failure = _wrong(total.faults, end)
        raise Failure(failure.code, failure.message, data={**failure.data, **plan})
    if consent.as_json:
        print_data(plan)
        return
    print(f"Would be imported: {users(total.users)}.")
    print_effect(api, plan)
    print("Nothing has been changed.")


def _print_finished(progress: Progress, consent: Consent) -> None:
    if consent.as_json:
        print_data({"users": 0, "enabled": 0, "disabled": 0, "import_id": progress.import_id})
        return
    print("This file is imported already. --again imports it once more.")


def _print_done(total: Sum, progress: Progress, before: int, consent: Consent) -> None:
    data = {name: getattr(total, name) for name in ("users", "enabled", "disabled")}
    data["import_id"] = progress.import_id
    counts = (
        f"Imported: {users(total.users)}; {total.enabled:,} may have a page, "
        f"{total.disabled:,} may not."
    )
    if before:
        counts = f"Gone on after {users(before)}. {counts}"
    undo = f"To undo it: bookwith policy undo {progress.import_id}"
    if total.faults:
        end = f"These lines were left out. {counts}\n{undo}"
        failure = _wrong(total.faults, end)
        raise Failure(failure.code, failure.message, data={**failure.data, **data})
    if consent.as_json:
        print_data(data)
        return
    print(counts)
    print(undo)
