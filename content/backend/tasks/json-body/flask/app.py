# region show
from flask import Flask, request

notes = []
app = Flask(__name__)


@app.post("/notes")
def create_note():
    data = request.get_json()
    title = data.get("title") if isinstance(data, dict) else None
    if not isinstance(title, str) or not 1 <= len(title) <= 80:
        return {"error": "title has to have 1 to 80 characters"}, 400
    note = {"id": len(notes) + 1, "title": title}
    notes.append(note)
    return note, 201
# endregion show


import json
import sys

client = app.test_client()
for note in [{"title": "Buy milk"}, {"title": ""}, {}]:
    answer = client.post("/notes", json=note)
    if sys.argv[1:] or answer.status_code < 400:
        print(answer.status_code, json.dumps(answer.json))
    elif answer.status_code < 500:
        print("refused")
