// The plugins of this library, as plugin.json lists them.
#include "beside_plugin.h"
#include "chat_plugin.h"
#include "convert_plugin.h"
#include "evaluate_plugin.h"
#include "quant_lab_plugin.h"
#include "show_plugin.h"
#include "tokenise_plugin.h"
#include "train_plugin.h"

using namespace dubito::lmtask;

DUBITO_PLUGINS(
    ChatPlugin, TrainPlugin, EvaluatePlugin, ConvertPlugin, QuantLabPlugin, TokenisePlugin, ShowPlugin, BesidePlugin)
