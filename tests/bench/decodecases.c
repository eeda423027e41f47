/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decodecases.h"

static const RyDecodeParams usual = { 0.25f, 0.45f, 300 };
static const RyDecodeParams low = { 0.001f, 0.65f, 300 };
static const RyDecodeParams multi_label = { 0.001f, 0.7f, 300, TRUE };

const DecodeCase decode_cases[] = {
  {"yolov8n_bus", "yolov8n, 9 outputs", &usual, 23.1, 15},
  {"yolov8n_bus", "yolov8n, 9 outputs, .001", &low, 148, 100},
  {"yolov8n_bus", "yolov8n, 9 outputs, .001 multi-label", &multi_label, 0, 0},
  {"yolov8n6_bus", "yolov8n, 6 outputs", &usual, 937, 60},
  {"yolo11n_bus", "yolo11n, 9 outputs", &usual, 23.7, 15},
  {"yolo26n_bus", "yolo26n, 6 outputs", &usual, 0, 0},
  {"yolov5n_bus", "yolov5n, 3 outputs.", &usual, 10.9, 8},
  {"yolov5n_bus", "yolov5n, 3 outputs, .001", &low, 1261, 0},
  {"yolov8nseg_bus", "yolov8n-seg, 13 outputs, masks", &usual, 9410, 800},
  {"yolo11npose_bus", "yolo11n-pose, 4 outputs", &usual, 26.9, 20},
  {"yolov8n_crowded", "crowded: yolov8n, 9 outputs", &usual, 0, 0},
  {"yolov8n_crowded", "crowded: yolov8n, 9 outputs, .001", &low, 1665, 300},
  {"yolov8n_crowded", "crowded: the same, multi-label", &multi_label, 0, 0},
  {"yolov8n6_crowded", "crowded: yolov8n, 6 outputs", &usual, 0, 0},
  {"yolov5n_crowded", "crowded: yolov5n, 3 outputs.", &usual, 0, 0},
  {"yolov8nseg_crowded", "crowded: yolov8n-seg, masks", &usual, 0, 0},
  {"yolo11npose_crowded", "crowded: yolo11n-pose, 4 outputs", &usual, 0, 0},
};

const guint n_decode_cases = G_N_ELEMENTS (decode_cases);
