"""Stands for gimpfu, GIMP 2.10's interface for Python 2.7, as far as the plug-in uses it.

The file that SCENARIO names says what to do: nothing but the registration, or one procedure on an
image. What happened is written beside it, as answer.json.
"""

import json
import os

import gimp
from gimp import PRECISION_U8_GAMMA, RGB

PF_IMAGE, PF_DRAWABLE, PF_STRING, PF_FILENAME = "image", "drawable", "string", "filename"
PF_OPTION, PF_SPINNER, PF_TOGGLE, PF_COLOR = "option", "spinner", "toggle", "color"

_procedures = {}


class _Pdb(object):
    def gimp_image_undo_disable(self, image):
        return True

    def gimp_image_convert_rgb(self, image):
        assert image.base_type != RGB, "GIMP refuses to convert an RGB image to RGB"
        image.base_type = RGB

    def gimp_image_convert_precision(self, image, precision):
        assert image.precision != precision, "GIMP refuses to convert to the same precision"
        image.precision = precision

    def gimp_layer_new_from_visible(self, image, dest_image, name):
        assert image is dest_image
        return image.shown()

    def gimp_layer_add_alpha(self, layer):
        layer.has_alpha = True

    def gimp_progress_set_text(self, message):
        gimp.said["stages"].append(message)


pdb = _Pdb()


def register(
    proc_name,
    blurb,
    help,
    author,
    copyright,
    date,
    label,
    imagetypes,
    params,
    results,
    function,
    menu=None,
    domain=None,
    on_query=None,
    on_run=None,
):
    assert all(len(each) == (5 if each[0] in (PF_OPTION, PF_SPINNER) else 4) for each in params)
    _procedures[proc_name] = {
        "params": params,
        "function": function,
        "on_query": on_query,
        "menu": menu,
        "label": label,
        "texts": [blurb, help, author, copyright, date],
    }


def main():
    path = os.environ["SCENARIO"]
    with open(path) as file:
        scenario = json.load(file)
    answer = {"error": None}
    if "procedure" in scenario:
        image = _image(scenario["image"], os.path.dirname(path))
        try:
            _call(_procedures[scenario["procedure"]], image, scenario["arguments"])
        except Exception as error:
            answer["error"] = "%s: %s" % (type(error).__name__, error)
        answer["copies deleted"] = [each.deleted for each in image.copies]
    else:
        for each in _procedures.values():
            if each["on_query"]:
                each["on_query"]()
    answer["procedures"] = {name: _described(each) for name, each in _procedures.items()}
    answer["said"] = gimp.said
    with open(os.path.join(os.path.dirname(path), "answer.json"), "w") as file:
        json.dump(answer, file)


def _call(procedure, image, arguments):
    values = [arguments.get(each[1], each[3]) for each in procedure["params"][2:]]
    assert set(arguments) <= {each[1] for each in procedure["params"]}
    procedure["function"](image, None, *values)


def _described(procedure):
    kept = ("menu", "label", "texts")
    defaults = [[each[1], each[2], each[3]] for each in procedure["params"]]
    return dict([(key, procedure[key]) for key in kept], params=defaults)


def _image(described, folder):
    layers = []
    for each in described["layers"]:
        with open(os.path.join(folder, each.pop("pixels")), "rb") as file:
            layers.append(gimp.Layer(**dict(each, pixels=file.read())))
    return gimp.Image(**dict(described, layers=layers))
