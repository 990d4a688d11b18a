# region show
from flask import Flask

users = {1: "Ada"}
app = Flask(__name__)


@app.get("/users/<int:id>")
def show_user(id):
    if id not in users:
        return {"error": "no such user"}, 404
    return {"id": id, "name": users[id]}
# endregion show


import json
import sys

client = app.test_client()
for id in sys.argv[1:] or ["1", "7"]:
    answer = client.get(f"/users/{id}")
    print(answer.status_code, json.dumps(answer.json) if answer.is_json else "")
