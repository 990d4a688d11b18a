from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-this-example",
)

# region show
import json

from django import forms
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

notes = []


class NoteForm(forms.Form):
    title = forms.CharField(max_length=80)


@csrf_exempt
@require_POST
def create_note(request):
    try:
        data = json.loads(request.body)
    except ValueError:
        return JsonResponse({"error": "the body is not JSON"}, status=400)
    form = NoteForm(data if isinstance(data, dict) else {})
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    note = {"id": len(notes) + 1, **form.cleaned_data}
    notes.append(note)
    return JsonResponse(note, status=201)


urlpatterns = [path("notes", create_note)]
# endregion show

import logging
import sys

import django
from django.test import Client

django.setup()
logging.disable(logging.WARNING)
client = Client(SERVER_NAME="127.0.0.1")
for note in [{"title": "Buy milk"}, {"title": ""}, {}]:
    answer = client.post("/notes", json.dumps(note), content_type="application/json")
    if sys.argv[1:] or answer.status_code < 400:
        print(answer.status_code, json.dumps(answer.json()))
    elif answer.status_code < 500:
        print("refused")
