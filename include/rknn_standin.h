/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What librknnrt-standin has beyond rknn_api.h.
 *
 * The stand-in is a librknnrt for machines without an NPU: the same functions,
 * structures and results, computed by ONNX Runtime from an .onnx file in the
 * place of an .rknn.  ONNX Runtime is looked for when the first model is
 * loaded, in this order:
 *
 *   1. RKNN_STANDIN_ONNXRUNTIME, the path of the library
 *   2. libonnxruntime.so.1, libonnxruntime.so and libonnxruntime.so.1.N (the
 *      newest), where the loader looks
 *   3. the first two beside librknnrt-standin.so itself
 *   4. gst-rknnyolo/libonnxruntime.so.1 in XDG_CACHE_HOME (or ~/.cache)
 *
 * The telemetry that ONNX Runtime's own builds have from 1.29 on is switched
 * off (ORT_DISABLE_TELEMETRY=1), unless that variable is set already.
 *
 * Environment variables, read by every rknn_init:
 *
 *   RKNN_STANDIN_ONNXRUNTIME  see above
 *   RKNN_STANDIN_SOC          rk3588 (default), rk3576, rk3568, rk3566 or
 *                             rk3562: number of cores, accepted core masks,
 *                             native channel groups
 *   RKNN_STANDIN_CONFIG       a description file (below) in the place of
 *                             MODEL.onnx.ini; the only way to have one for a
 *                             model that is loaded from memory
 *   RKNN_STANDIN_FLOAT        fp32: tensors that are not quantised are FP32,
 *                             not FP16 as an NPU has them (fp16)
 *   RKNN_STANDIN_THREADS      CPU threads for a run; default: the CPUs this
 *                             process may use
 *   RKNN_STANDIN_TIME         15.1: milliseconds that a run takes on a core,
 *                             which does one at a time, the others waiting in
 *                             order of arrival; unset or 0: what the CPU takes
 *   RKNN_STANDIN_JITTER       10: each run takes that many percent more or
 *                             less at most
 *   RKNN_STANDIN_OUTPUTS      FOLDER: nothing is computed, outputs are the
 *                             tensors in FOLDER, which manifest.txt describes
 *   RKNN_STANDIN_SHAPES       640x640,640x384: sizes (width, height) of the
 *                             picture that a model with an open height and
 *                             width has as its dynamic shapes; other models
 *                             are left as they are
 *   RKNN_STANDIN_FAIL         FUNCTION:WHEN[:CODE],...: calls that fail; WHEN
 *                             is N (the Nth call), N+ (from the Nth on), /N
 *                             (every Nth) or ~P (P percent of them)
 *   RKNN_STANDIN_HANG         CORE:N[-M][:MS]: from its Nth run on (to its
 *                             Mth, and no longer) a core hangs;
 *                             rknn_run does not return, or after MS
 *                             milliseconds with -1
 *   RKNN_LOG_LEVEL            as for librknnrt: 0 errors, 1 warnings,
 *                             2 information, 3 details; to stderr
 *
 * docs/standin.md explains them, with examples.
 *
 * The description file says what a conversion to .rknn would have fixed, and
 * an .onnx file does not know.  For model.onnx it is model.onnx.ini, a key
 * file (as desktop entries are); all of it is optional:
 *
 *   [model]
 *   mean_values=0,0,0         one number or one a channel: the model is fed
 *   std_values=255,255,255    with (x - mean) / std for a byte x
 *   shapes=640x640,640x384    as RKNN_STANDIN_SHAPES, for this model
 *   soc=rk3588                what the model was made for; another one refuses
 *   custom_string=any text    RKNN_QUERY_CUSTOM_STRING
 *
 *   [output NAME]             NAME is the tensor's, or its number from 0
 *   type=int8                 quantised: value = (q - zp) * scale
 *   zp=-128
 *   scale=0.0039215686
 *   c1=2                      native groups of channels, when more than needed
 *   native_size=204800        native size in bytes, when more than needed
 *
 *   [input NAME]
 *   type=int8                 zp and scale may be left out
 *
 * When one output is int8, the inputs that are pictures are int8 as well
 * unless their group says type=float16; their default zp and scale are
 * those that fit bytes after mean and std (-128 and 1/255 for 0 and 255).
 * mean_values, std_values and shapes are also taken from metadata entries of
 * those names in the .onnx file; the description file wins, and before it, for
 * shapes, the environment.  Without mean_values and std_values inputs
 * of one or three channels have mean 0 and std 255, others 0 and 1.
 *
 * Where librknnrt crashes or damages memory because it is misused, the
 * stand-in names the misuse on stderr and aborts; where librknnrt lets a
 * misuse pass in silence, the stand-in names it and goes on. */

#ifndef RKNN_STANDIN_H
#define RKNN_STANDIN_H

#ifdef __cplusplus
extern "C"
#endif
/* Why the last call that failed in this thread failed: one line, "" when none
 * did.  Valid until the thread's next call into the library.  Look it up with
 * dlsym: librknnrt does not have it. */
const char *rknn_standin_last_error (void);

#endif /* RKNN_STANDIN_H */
