"""Words of the verdict: for those who work on it, for the public, and for the printed page."""

from stormlamp.verdict.presenters.statements import statement as statement
from stormlamp.verdict.presenters.words import ANSWERS as ANSWERS
from stormlamp.verdict.presenters.words import CRITERIA as CRITERIA
from stormlamp.verdict.presenters.words import LOOKS as LOOKS
from stormlamp.verdict.presenters.words import OWNERS as OWNERS
from stormlamp.verdict.presenters.words import TAGS as TAGS
from stormlamp.verdict.presenters.words import headline as headline
from stormlamp.verdict.presenters.words import public_in_all_languages as public_in_all_languages
from stormlamp.verdict.presenters.words import public_words as public_words
from stormlamp.verdict.presenters.words import role_name as role_name
from stormlamp.verdict.presenters.words import sentence_of as sentence_of

SENTENCES: dict[str, str] = {
    "verdict.changed": "The verdict has changed since you read it. Read it again, then sign.",
}
