// A short text in two languages for measures that were given none; written for this purpose, same licence as the
// program.
#pragma once

namespace dubito::lmtask {

inline constexpr char kSampleText[] =
    "A river does not hurry, and yet it reaches the sea. In spring the snow of the hills melts into it, in summer "
    "children swim where the water is slow, and in autumn the leaves of the alders lie on it like small boats.\n\n"
    "To measure how much a model knows, we ask it to guess the next word, again and again, and count how surprised it "
    "is. A model that has read many books is seldom surprised by a sentence like this one. It expects that the sun "
    "rises in the east, that water boils at one hundred degrees, and that a question ends with a question mark.\n\n"
    "The capital of France is Paris, and the capital of Japan is Tokyo. Two plus three is five. If a train leaves at "
    "noon and travels for three hours at eighty kilometres an hour, it has covered two hundred and forty "
    "kilometres.\n\n"
    "def mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return total / "
    "len(values)\n\n"
    "Doubt is not the opposite of knowledge. Whoever doubts compares what was said with what is seen, asks where a "
    "claim comes from, and changes an opinion when the evidence asks for it. A careful scientist writes down the "
    "result that was expected before looking at the instrument, because memory is kind to those who were wrong.\n\n"
    "The library opens at nine. Anna returned three novels, borrowed a dictionary, and sat down by the window. Outside "
    "it had begun to rain; people with umbrellas crossed the square, and a dog waited patiently in front of the bakery "
    "until its owner came out with a paper bag.\n\n"
    "河水不急，却终究流到大海。春天，山上的雪融化成溪；夏天，孩子们在水浅的地方游泳；秋天，落叶像小船一样漂在水面上。\n"
    "\n"
    "怀疑并不是知识的反面。一个会怀疑的人，会把听到的话和看到的事实放在一起比较，问一问说法从哪里来，证据不同了，看法也"
    "就跟着改变。法国的首都是巴黎，日本的首都是东京，二加三等于五。\n";

}  // namespace dubito::lmtask
