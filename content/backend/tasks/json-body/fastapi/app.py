# region show
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, Field


class NewNote(BaseModel):
    title: Annotated[str, Field(min_length=1, max_length=80)]


class Note(NewNote):
    id: int


notes: list[Note] = []
app = FastAPI()


@app.post("/notes", status_code=201)
def create_note(new: NewNote) -> Note:
    note = Note(id=len(notes) + 1, title=new.title)
    notes.append(note)
    return note
# endregion show


import json
import sys

from fastapi.testclient import TestClient

client = TestClient(app)
for note in [{"title": "Buy milk"}, {"title": ""}, {}]:
    answer = client.post("/notes", json=note)
    if sys.argv[1:] or answer.status_code < 400:
        print(answer.status_code, json.dumps(answer.json(), sort_keys=True))
    elif answer.status_code < 500:
        print("refused")
