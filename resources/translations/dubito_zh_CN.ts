<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>Re&amp;name run…</source>
        <translation>重命名运行(&amp;N)…</translation>
    </message>
    <message>
        <source>title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Rename run</source>
        <translation>重命名运行</translation>
    </message>
    <message>
        <source>New name:</source>
        <translation>新名称：</translation>
    </message>
    <message>
        <source>favourite</source>
        <translation>收藏</translation>
    </message>
    <message>
        <source>Star run</source>
        <translation>标记运行</translation>
    </message>
    <message>
        <source>&amp;Delete run</source>
        <translation>删除运行(&amp;D)</translation>
    </message>
    <message>
        <source>bin remove</source>
        <translation>回收站 移除</translation>
    </message>
    <message>
        <source>Delete run</source>
        <translation>删除运行</translation>
    </message>
    <message>
        <source>Dubito projects (*.dubito)</source>
        <translation>Dubito 项目 (*.dubito)</translation>
    </message>
    <message>
        <source>&amp;New project…</source>
        <translation>新建项目(&amp;N)…</translation>
    </message>
    <message>
        <source>New project</source>
        <translation>新建项目</translation>
    </message>
    <message>
        <source>&amp;Open project…</source>
        <translation>打开项目(&amp;O)…</translation>
    </message>
    <message>
        <source>Open project</source>
        <translation>打开项目</translation>
    </message>
    <message>
        <source>Open the &amp;demo project</source>
        <translation>打开演示项目(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Close project</source>
        <translation>关闭项目(&amp;C)</translation>
    </message>
    <message>
        <source>C&amp;heck project</source>
        <translation>检查项目(&amp;H)</translation>
    </message>
    <message>
        <source>integrity</source>
        <translation>完整性</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;New run…</source>
        <translation>新建运行(&amp;N)…</translation>
    </message>
    <message>
        <source>start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>New &amp;live session…</source>
        <translation>新建实时会话(&amp;L)…</translation>
    </message>
    <message>
        <source>interactive inspector prompt</source>
        <translation>交互 检视 提示</translation>
    </message>
    <message>
        <source>&amp;Repeat with changes…</source>
        <translation>修改后重复(&amp;R)…</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>cancel end</source>
        <translation>取消 结束</translation>
    </message>
    <message>
        <source>&amp;Kill</source>
        <translation>强制结束(&amp;K)</translation>
    </message>
    <message>
        <source>panel</source>
        <translation>面板</translation>
    </message>
    <message>
        <source>appearance colours</source>
        <translation>外观 颜色</translation>
    </message>
    <message>
        <source>language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>perspective layout</source>
        <translation>视角 布局</translation>
    </message>
    <message>
        <source>&amp;Runs</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Curves</source>
        <translation>曲线(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Thought inspector</source>
        <translation>思维检视(&amp;T)</translation>
    </message>
    <message>
        <source>R&amp;ecords</source>
        <translation>记录(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation>日志(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Plugins</source>
        <translation>插件(&amp;P)</translation>
    </message>
    <message>
        <source>Search &amp;anything…</source>
        <translation>搜索一切(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Data as table</source>
        <translation>以表格显示数据(&amp;D)</translation>
    </message>
    <message>
        <source>numbers copy</source>
        <translation>数字 复制</translation>
    </message>
    <message>
        <source>&amp;Export panel…</source>
        <translation>导出面板(&amp;E)…</translation>
    </message>
    <message>
        <source>png svg pdf csv picture</source>
        <translation>png svg pdf csv 图片</translation>
    </message>
    <message>
        <source>Pop &amp;out or dock back</source>
        <translation>弹出或停靠(&amp;O)</translation>
    </message>
    <message>
        <source>Next area</source>
        <translation>下一区域</translation>
    </message>
    <message>
        <source>layout</source>
        <translation>布局</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>浅色主题</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>深色主题</translation>
    </message>
    <message>
        <source>High-contrast theme</source>
        <translation>高对比主题</translation>
    </message>
    <message>
        <source>English</source>
        <translation>英语</translation>
    </message>
    <message>
        <source>Chinese (simplified)</source>
        <translation>简体中文</translation>
    </message>
    <message>
        <source>&amp;Shortcuts…</source>
        <translation>快捷键(&amp;S)…</translation>
    </message>
    <message>
        <source>keys keyboard</source>
        <translation>按键 键盘</translation>
    </message>
    <message>
        <source>&amp;Notices…</source>
        <translation>通知(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;History…</source>
        <translation>历史(&amp;H)…</translation>
    </message>
    <message>
        <source>&amp;System check…</source>
        <translation>系统检查(&amp;S)…</translation>
    </message>
    <message>
        <source>doctor gpu</source>
        <translation>诊断 显卡</translation>
    </message>
    <message>
        <source>&amp;About Dubito</source>
        <translation>关于 Dubito(&amp;A)</translation>
    </message>
    <message>
        <source>New &amp;chat</source>
        <translation>新建对话(&amp;C)</translation>
    </message>
    <message>
        <source>talk conversation language model</source>
        <translation>对话 聊天 语言模型</translation>
    </message>
    <message>
        <source>Chat with another &amp;model…</source>
        <translation>用其他模型对话(&amp;M)…</translation>
    </message>
    <message>
        <source>gguf safetensors open</source>
        <translation>gguf safetensors 打开</translation>
    </message>
    <message>
        <source>&amp;Go on from the checkpoint</source>
        <translation>从检查点继续(&amp;G)</translation>
    </message>
    <message>
        <source>resume continue attempt</source>
        <translation>恢复 继续 尝试</translation>
    </message>
    <message>
        <source>C&amp;hat</source>
        <translation>对话(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>Copy the checkpoint&apos;s files to</source>
        <translation>将检查点文件复制到</translation>
    </message>
    <message>
        <source>Chat with the &amp;fine-tuned model</source>
        <translation>与微调后的模型对话(&amp;F)</translation>
    </message>
    <message>
        <source>adapter lora checkpoint</source>
        <translation>适配器 lora 检查点</translation>
    </message>
    <message>
        <source>E&amp;xport the checkpoint…</source>
        <translation>导出检查点(&amp;X)…</translation>
    </message>
    <message>
        <source>adapter peft safetensors files</source>
        <translation>适配器 peft safetensors 文件</translation>
    </message>
    <message>
        <source>Compare &amp;tokenizers…</source>
        <translation>比较分词器(&amp;T)…</translation>
    </message>
    <message>
        <source>tokens pieces vocabulary</source>
        <translation>词元 片段 词表</translation>
    </message>
    <message>
        <source>Compare &amp;quantisations…</source>
        <translation>比较量化(&amp;Q)…</translation>
    </message>
    <message>
        <source>types perplexity bits</source>
        <translation>类型 困惑度 位</translation>
    </message>
    <message>
        <source>&amp;Training</source>
        <translation>训练(&amp;T)</translation>
    </message>
    <message>
        <source>Go on with this &amp;conversation</source>
        <translation>继续此对话(&amp;C)</translation>
    </message>
    <message>
        <source>closed chat reopen continue</source>
        <translation>已关闭 对话 重新打开 继续</translation>
    </message>
    <message>
        <source>Empty bin</source>
        <translation>清空回收站</translation>
    </message>
    <message>
        <source>Deleted runs are removed for good, with everything they recorded. This cannot be undone.</source>
        <translation>已删除的运行及其全部记录将被永久移除，无法撤销。</translation>
    </message>
    <message>
        <source>Remove for good</source>
        <translation>永久移除</translation>
    </message>
    <message>
        <source>Empty &amp;bin…</source>
        <translation>清空回收站(&amp;B)…</translation>
    </message>
    <message>
        <source>bin remove for good purge</source>
        <translation>回收站 永久 移除 清空</translation>
    </message>
    <message>
        <source>Save this filter as a view</source>
        <translation>将此筛选保存为视图</translation>
    </message>
    <message>
        <source>Name of the view:</source>
        <translation>视图名称：</translation>
    </message>
    <message>
        <source>Save view</source>
        <translation>保存视图</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>没有可撤销的操作。</translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation>没有可重做的操作。</translation>
    </message>
    <message>
        <source>The run is still going: stop it first.</source>
        <translation>运行仍在进行：请先停止。</translation>
    </message>
    <message>
        <source>The run table shows all runs: type a filter there first.</source>
        <translation>运行表显示全部运行：请先在其中输入筛选。</translation>
    </message>
    <message>
        <source>S&amp;tar on or off</source>
        <translation>加星或取消(&amp;T)</translation>
    </message>
    <message>
        <source>Save this &amp;filter as a view…</source>
        <translation>将此筛选保存为视图(&amp;F)…</translation>
    </message>
    <message>
        <source>saved view filter explorer</source>
        <translation>视图 筛选 保存</translation>
    </message>
    <message>
        <source>No plugin to talk to a model is installed.</source>
        <translation>未安装可与模型对话的插件。</translation>
    </message>
    <message>
        <source>The selected run is no conversation.</source>
        <translation>所选运行不是对话。</translation>
    </message>
    <message>
        <source>The conversation is still going on.</source>
        <translation>对话仍在进行。</translation>
    </message>
    <message>
        <source>This run left no checkpoint.</source>
        <translation>此运行没有留下检查点。</translation>
    </message>
    <message>
        <source>No plugin that cuts text into tokens is installed.</source>
        <translation>未安装分词插件。</translation>
    </message>
    <message>
        <source>No plugin that measures quantisations is installed.</source>
        <translation>未安装测量量化的插件。</translation>
    </message>
    <message>
        <source>Fine-&amp;tune a model…</source>
        <translation>微调模型(&amp;T)…</translation>
    </message>
    <message>
        <source>train teach lora</source>
        <translation>训练 微调</translation>
    </message>
    <message>
        <source>No plugin that trains a model is installed.</source>
        <translation>未安装训练模型的插件。</translation>
    </message>
    <message>
        <source>The run is over.</source>
        <translation>运行已结束。</translation>
    </message>
    <message>
        <source>Only a run that failed or was stopped can go on.</source>
        <translation>只有失败或被停止的运行可以继续。</translation>
    </message>
    <message>
        <source>No plugin that looks inside a model is installed.</source>
        <translation>未安装可查看模型内部的插件。</translation>
    </message>
    <message>
        <source>&amp;Queue…</source>
        <translation>队列(&amp;Q)…</translation>
    </message>
    <message>
        <source>waiting order pause</source>
        <translation>等待 顺序 暂停</translation>
    </message>
    <message>
        <source>&amp;Drawer of tools</source>
        <translation>工具抽屉(&amp;D)</translation>
    </message>
    <message>
        <source>log records plugins bottom</source>
        <translation>日志 记录 插件 底部</translation>
    </message>
    <message>
        <source>Project &amp;explorer</source>
        <translation>项目浏览器(&amp;E)</translation>
    </message>
    <message>
        <source>left list of runs</source>
        <translation>左侧 运行列表</translation>
    </message>
    <message>
        <source>&amp;Selection card</source>
        <translation>选择卡片(&amp;S)</translation>
    </message>
    <message>
        <source>right side column</source>
        <translation>右侧栏</translation>
    </message>
    <message>
        <source>P&amp;in or follow the selection again</source>
        <translation>固定或重新跟随选择(&amp;I)</translation>
    </message>
    <message>
        <source>keep pane</source>
        <translation>保持 窗格</translation>
    </message>
    <message>
        <source>Split pane &amp;right</source>
        <translation>向右拆分窗格(&amp;R)</translation>
    </message>
    <message>
        <source>beside two</source>
        <translation>并排 两个</translation>
    </message>
    <message>
        <source>Split pane &amp;below</source>
        <translation>向下拆分窗格(&amp;B)</translation>
    </message>
    <message>
        <source>under two</source>
        <translation>上下 两个</translation>
    </message>
    <message>
        <source>C&amp;lose pane</source>
        <translation>关闭窗格(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Open run</source>
        <translation>打开运行(&amp;O)</translation>
    </message>
    <message>
        <source>show go to workspace</source>
        <translation>显示 前往 工作区</translation>
    </message>
    <message>
        <source>Layouts of this &amp;workspace…</source>
        <translation>此工作区的布局…(&amp;W)</translation>
    </message>
    <message>
        <source>Save this layout as…</source>
        <translation>布局另存为…</translation>
    </message>
    <message>
        <source>Reset this workspace</source>
        <translation>重置此工作区</translation>
    </message>
    <message>
        <source>New wi&amp;ndow</source>
        <translation>新建窗口(&amp;N)</translation>
    </message>
    <message>
        <source>second screen beside another workspace</source>
        <translation>第二屏幕 并排 另一个工作区</translation>
    </message>
    <message>
        <source>Workspace %1</source>
        <translation>工作区 %1</translation>
    </message>
    <message>
        <source>Page %1 of the workspace</source>
        <translation>工作区第 %1 页</translation>
    </message>
</context>
<context>
    <name>ErrorPresenter</name>
    <message>
        <source>That did not work</source>
        <translation>操作未成功</translation>
    </message>
</context>
<context>
    <name>ImageExport</name>
    <message>
        <source>The file could not be written: %1</source>
        <translation>无法写入文件：%1</translation>
    </message>
    <message>
        <source>Pictures are written as PNG, SVG or PDF.</source>
        <translation>图片可存为 PNG、SVG 或 PDF。</translation>
    </message>
</context>
<context>
    <name>Panels</name>
    <message>
        <source>all runs of the project</source>
        <translation>项目的全部运行</translation>
    </message>
    <message>
        <source>metrics of the selected runs</source>
        <translation>所选运行的指标</translation>
    </message>
    <message>
        <source>what each layer would say next</source>
        <translation>每一层接下来会说什么</translation>
    </message>
    <message>
        <source>turns, versions and every token&apos;s alternatives</source>
        <translation>轮次、版本与每个词元的其他候选</translation>
    </message>
    <message>
        <source>loss, rate, gradients, checkpoints</source>
        <translation>损失、学习率、梯度、检查点</translation>
    </message>
    <message>
        <source>card, tensors, scores, template, tokens</source>
        <translation>卡片、张量、得分、模板、词元</translation>
    </message>
    <message>
        <source>lines of the selected runs</source>
        <translation>所选运行的日志行</translation>
    </message>
    <message>
        <source>everything a run published, as it is</source>
        <translation>运行发布的全部内容，原样</translation>
    </message>
    <message>
        <source>what is installed, and how it fares</source>
        <translation>已安装的插件及其状况</translation>
    </message>
</context>
<context>
    <name>ParamForm</name>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Fitting files (%1)</source>
        <translation>合适的文件 (%1)</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>选择文件</translation>
    </message>
    <message>
        <source>one a line</source>
        <translation>每行一个</translation>
    </message>
    <message>
        <source>several, with commas</source>
        <translation>多个，以逗号分隔</translation>
    </message>
    <message>
        <source>above %1</source>
        <translation>大于 %1</translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>从 %1</translation>
    </message>
    <message>
        <source>below %1</source>
        <translation>小于 %1</translation>
    </message>
    <message>
        <source>up to %1</source>
        <translation>至 %1</translation>
    </message>
    <message>
        <source>A value is needed here.</source>
        <translation>此处需要一个值。</translation>
    </message>
    <message>
        <source>Not a whole number.</source>
        <translation>不是整数。</translation>
    </message>
    <message>
        <source>Not a number.</source>
        <translation>不是数字。</translation>
    </message>
    <message>
        <source>Allowed: %1.</source>
        <translation>允许：%1。</translation>
    </message>
</context>
<context>
    <name>RunState</name>
    <message>
        <source>queued</source>
        <translation>排队</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>启动中</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>cancelling</source>
        <translation>取消中</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
</context>
<context>
    <name>dubito::app::Application</name>
    <message>
        <source>%1 crashed three times within a day and is disabled; the Plugins panel enables it again.</source>
        <translation>%1 一天内崩溃三次，已被停用；可在插件面板重新启用。</translation>
    </message>
    <message>
        <source>This project was not closed cleanly. What was recorded is here; runs that ended meanwhile are taken in now.</source>
        <translation>此项目上次未正常关闭。已记录的内容都在；期间结束的运行正在收入。</translation>
    </message>
    <message>
        <source>Read-only: %1</source>
        <translation>只读：%1</translation>
    </message>
    <message>
        <source>Runs are alive</source>
        <translation>有运行仍在进行</translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) are still going.</source>
        <translation>
            <numerusform>%n 个运行仍在进行。</numerusform>
        </translation>
    </message>
    <message>
        <source>Leave them running</source>
        <translation>让它们继续</translation>
    </message>
    <message>
        <source>Stop them</source>
        <translation>停止它们</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>留下</translation>
    </message>
    <message>
        <source>The language changes with the next start.</source>
        <translation>语言将在下次启动时更改。</translation>
    </message>
    <message>
        <source>Opening %1…</source>
        <translation>正在打开 %1…</translation>
    </message>
</context>
<context>
    <name>dubito::app::AskCard</name>
    <message>
        <source>What is the capital of Italy?</source>
        <translation>意大利的首都是哪里？</translation>
    </message>
    <message>
        <source>Is a whale a fish?</source>
        <translation>鲸是鱼吗？</translation>
    </message>
    <message>
        <source>Continue: Once upon a time</source>
        <translation>续写：从前</translation>
    </message>
    <message>
        <source>Which river runs through Paris?</source>
        <translation>哪条河流经巴黎？</translation>
    </message>
    <message>
        <source>model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>sampling</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>Ask the model</source>
        <translation>问模型</translation>
    </message>
    <message>
        <source>No project needed: an untitled one is made. Nothing leaves this machine.</source>
        <translation>无需项目：会新建一个未命名项目。数据不离开本机。</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Ask something</source>
        <translation>问点什么</translation>
    </message>
    <message>
        <source>greedy</source>
        <translation>贪心</translation>
    </message>
    <message>
        <source>drawn</source>
        <translation>抽样</translation>
    </message>
    <message>
        <source>Always the likeliest token: the same answer each time</source>
        <translation>总取最可能的词元：每次回答相同</translation>
    </message>
    <message>
        <source>Tokens are drawn, as the plugin&apos;s defaults say</source>
        <translation>按插件默认值抽取词元</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>回车</translation>
    </message>
    <message>
        <source>or try</source>
        <translation>或试试</translation>
    </message>
    <message>
        <source>No plugin to talk to a model is installed. The Plugins panel says what was found.</source>
        <translation>未安装可与模型对话的插件。“插件”面板列出找到的插件。</translation>
    </message>
    <message>
        <source>No language model is found here: run packaging/setup, or dubito models add FILE.</source>
        <translation>未找到语言模型：请运行 packaging/setup，或 dubito models add FILE。</translation>
    </message>
    <message>
        <source>Asking…</source>
        <translation>正在提问…</translation>
    </message>
</context>
<context>
    <name>dubito::app::CommandPalette</name>
    <message>
        <source>Search anything</source>
        <translation>搜索一切</translation>
    </message>
    <message>
        <source>actions, runs, metrics   (&gt; @ #)</source>
        <translation>动作、运行、指标   (&gt; @ #)</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>metric</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>现在不可用</translation>
    </message>
</context>
<context>
    <name>dubito::app::DemoCard</name>
    <message>
        <source>Open the demo project</source>
        <translation>打开演示项目</translation>
    </message>
    <message>
        <source>Demo project</source>
        <translation>演示项目</translation>
    </message>
    <message>
        <source>made here, nothing is downloaded</source>
        <translation>在本机生成，无需下载</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <comment>system and its number of runs</comment>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>No installed plugin has a demo.</source>
        <translation>已安装的插件都没有演示。</translation>
    </message>
    <message>
        <source>A small run or more of each system that is installed.</source>
        <translation>每个已安装系统各有一个或多个小运行。</translation>
    </message>
</context>
<context>
    <name>dubito::app::Drawer</name>
    <message>
        <source>Drawer</source>
        <translation>抽屉</translation>
    </message>
    <message>
        <source>%1 in the drawer</source>
        <translation>抽屉中的 %1</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close the drawer</source>
        <translation>关闭抽屉</translation>
    </message>
</context>
<context>
    <name>dubito::app::MainWindow</name>
    <message>
        <source>Selection</source>
        <translation>所选</translation>
    </message>
    <message>
        <source>Time cursor</source>
        <translation>时间光标</translation>
    </message>
    <message>
        <source>&amp;Project</source>
        <translation>项目(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>P&amp;anels</source>
        <translation>面板(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>工具(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Search actions, runs, metrics</source>
        <translation>搜索动作、运行、指标</translation>
    </message>
    <message>
        <source>Search anything</source>
        <translation>搜索一切</translation>
    </message>
    <message>
        <source>no project</source>
        <translation>没有项目</translation>
    </message>
    <message>
        <source>read-only</source>
        <translation>只读</translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) alive</source>
        <translation>
            <numerusform>%n 个运行进行中</numerusform>
        </translation>
    </message>
    <message>
        <source>writer idle</source>
        <translation>写入空闲</translation>
    </message>
    <message numerus="yes">
        <source>%n notice(s)</source>
        <translation>
            <numerusform>%n 条通知</numerusform>
        </translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>CPU only</source>
        <translation>仅 CPU</translation>
    </message>
    <message>
        <source>offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>contrast</source>
        <translation>高对比</translation>
    </message>
    <message>
        <source>light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Export panel</source>
        <translation>导出面板</translation>
    </message>
    <message>
        <source>Pictures and tables (*.png *.svg *.pdf *.csv)</source>
        <translation>图片与表格 (*.png *.svg *.pdf *.csv)</translation>
    </message>
    <message>
        <source>The file could not be written: %1</source>
        <translation>无法写入文件：%1</translation>
    </message>
    <message>
        <source>Exported to %1</source>
        <translation>已导出到 %1</translation>
    </message>
    <message>
        <source>Notices</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Nothing to report.</source>
        <translation>没有通知。</translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <source>Nothing was done yet.</source>
        <translation>还没有任何操作。</translation>
    </message>
    <message>
        <source>System check</source>
        <translation>系统检查</translation>
    </message>
    <message>
        <source>About Dubito</source>
        <translation>关于 Dubito</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Dubito %1&lt;/h3&gt;&lt;p&gt;&lt;i&gt;Dubito, ergo cogito, ergo sum.&lt;/i&gt;&lt;/p&gt;&lt;p&gt;A research workbench: look inside models, keep everything in one project file.&lt;/p&gt;&lt;p&gt;GPL-3.0-or-later; the plugin SDK is MIT. Uses Qt, QCustomPlot, SQLite, LibTorch, PCRE2, zstd, spdlog, fmt, nlohmann-json and CLI11.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;Dubito %1&lt;/h3&gt;&lt;p&gt;Dubito, ergo cogito, ergo sum.&lt;/p&gt;&lt;p&gt;研究工作台：看进模型内部，一切存于一个项目文件。&lt;/p&gt;&lt;p&gt;GPL-3.0-or-later；插件 SDK 为 MIT。使用 Qt、QCustomPlot、SQLite、LibTorch、PCRE2、zstd、spdlog、fmt、nlohmann-json 与 CLI11。&lt;/p&gt;</translation>
    </message>
    <message>
        <source>Check project</source>
        <translation>检查项目</translation>
    </message>
    <message>
        <source>The project is sound: integrity, references, counts, chunks and records.</source>
        <translation>项目完好：完整性、引用、计数、数据块与记录。</translation>
    </message>
    <message>
        <source>%1 cannot be opened here: projects (*.dubito) and run specs (*.json) can.</source>
        <translation>此处无法打开 %1：可打开项目 (*.dubito) 与运行规格 (*.json)。</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Selection ◂</source>
        <translation>选择 ◂</translation>
    </message>
    <message numerus="yes">
        <source>, %n run(s)</source>
        <translation>
            <numerusform>，%n 个运行</numerusform>
        </translation>
    </message>
    <message>
        <source>Save this layout</source>
        <translation>保存布局</translation>
    </message>
    <message>
        <source>A name for the layout of this workspace:</source>
        <translation>此工作区布局的名称：</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>Hide the selection card</source>
        <translation>隐藏选择卡片</translation>
    </message>
    <message>
        <source>Show the project explorer</source>
        <translation>显示项目浏览器</translation>
    </message>
    <message>
        <source>Show the selection card</source>
        <translation>显示选择卡片</translation>
    </message>
    <message>
        <source>The queue: what runs wait for, and their order</source>
        <translation>队列：运行在等待什么，以及它们的顺序</translation>
    </message>
</context>
<context>
    <name>dubito::app::Notifications</name>
    <message>
        <source>Run %1 failed: %2</source>
        <translation>运行 %1 失败：%2</translation>
    </message>
    <message>
        <source>Run %1 finished.</source>
        <translation>运行 %1 已完成。</translation>
    </message>
    <message>
        <source>Run %1 was stopped.</source>
        <translation>运行 %1 已停止。</translation>
    </message>
</context>
<context>
    <name>dubito::app::NumberField</name>
    <message>
        <source>Larger</source>
        <translation>增大</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>减小</translation>
    </message>
    <message>
        <source>Value on a scale of powers of ten</source>
        <translation>十的幂刻度上的值</translation>
    </message>
</context>
<context>
    <name>dubito::app::PageTabs</name>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>More pages</source>
        <translation>更多页面</translation>
    </message>
</context>
<context>
    <name>dubito::app::PageView</name>
    <message>
        <source>%1 is in a window of its own.</source>
        <translation>%1 在单独的窗口中。</translation>
    </message>
    <message>
        <source>Dock back</source>
        <translation>放回</translation>
    </message>
</context>
<context>
    <name>dubito::app::ParamForm</name>
    <message>
        <source>General</source>
        <translation>常规</translation>
    </message>
    <message>
        <source>differs from the default</source>
        <translation>与默认值不同</translation>
    </message>
    <message>
        <source>Search parameters</source>
        <translation>搜索参数</translation>
    </message>
    <message>
        <source>Show advanced (%1)</source>
        <translation>显示高级参数（%1）</translation>
    </message>
    <message>
        <source>This plugin asks for nothing.</source>
        <translation>此插件没有参数。</translation>
    </message>
    <message>
        <source>No parameter is called “%1”.</source>
        <translation>没有名为“%1”的参数。</translation>
    </message>
</context>
<context>
    <name>dubito::app::PluginPanel</name>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>disabled</source>
        <translation>已停用</translation>
    </message>
    <message>
        <source>crashed %1 of 3</source>
        <translation>崩溃 %1 / 3</translation>
    </message>
    <message>
        <source>ok</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>id</source>
        <translation>标识</translation>
    </message>
    <message>
        <source>version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>health</source>
        <translation>状况</translation>
    </message>
    <message>
        <source>Plugins</source>
        <translation>插件</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Enable</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>Disable</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>显示文件夹</translation>
    </message>
    <message>
        <source>Rescan</source>
        <translation>重新扫描</translation>
    </message>
    <message>
        <source>No plugins found in:%1</source>
        <translation>以下位置没有插件：%1</translation>
    </message>
    <message>
        <source>Refused: %1</source>
        <translation>被拒绝：%1</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Checking; this runs the plugin&apos;s demo several times…</source>
        <translation>检查中；会多次运行插件的演示…</translation>
    </message>
</context>
<context>
    <name>dubito::app::ProjectExplorer</name>
    <message>
        <source>All runs</source>
        <translation>全部运行</translation>
    </message>
    <message>
        <source>checkpoint, step %1</source>
        <translation>检查点，第 %1 步</translation>
    </message>
    <message>
        <source>recorded data</source>
        <translation>记录的数据</translation>
    </message>
    <message>
        <source>%1 · by %2</source>
        <translation>%1 · 来自 %2</translation>
    </message>
    <message>
        <source>%1
made by %2</source>
        <translation>%1
由 %2 生成</translation>
    </message>
    <message>
        <source>Saved views</source>
        <translation>已存视图</translation>
    </message>
    <message>
        <source>None yet: filter the runs, then save the filter.</source>
        <translation>暂无：先筛选运行，再保存筛选。</translation>
    </message>
    <message>
        <source>Bin</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Empty: deleted runs come here.</source>
        <translation>空：删除的运行会在这里。</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>还有 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Experiments</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>None yet.</source>
        <translation>暂无。</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Artifacts</source>
        <translation>产物</translation>
    </message>
    <message>
        <source>None yet: checkpoints and large records come here.</source>
        <translation>暂无：检查点和大记录会在这里。</translation>
    </message>
    <message>
        <source>Newest runs</source>
        <translation>最新运行</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Save the filter…</source>
        <translation>保存筛选…</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete view</source>
        <translation>删除视图</translation>
    </message>
    <message>
        <source>Empty bin…</source>
        <translation>清空回收站…</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>还原</translation>
    </message>
    <message>
        <source>Restore run</source>
        <translation>还原运行</translation>
    </message>
    <message>
        <source>Copy hash</source>
        <translation>复制哈希</translation>
    </message>
    <message>
        <source>Rename view</source>
        <translation>重命名视图</translation>
    </message>
    <message>
        <source>New name:</source>
        <translation>新名称：</translation>
    </message>
</context>
<context>
    <name>dubito::app::QueueDialog</name>
    <message>
        <source>Pause the queue</source>
        <translation>暂停队列</translation>
    </message>
    <message>
        <source>To the front</source>
        <translation>移到最前</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Cancel run</source>
        <translation>取消运行</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>waits for</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Queued runs stay where they are; a chat starts all the same.</source>
        <translation>排队的运行保持不动；对话仍会立即开始。</translation>
    </message>
    <message>
        <source>No run waits.</source>
        <translation>没有运行在等待。</translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) wait, the first to start on top.</source>
        <translation>
            <numerusform>%n 个运行在等待，最先开始的在最上面。</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing: it is about to start</source>
        <translation>无：即将开始</translation>
    </message>
</context>
<context>
    <name>dubito::app::Rail</name>
    <message>
        <source>Workspaces</source>
        <translation>工作区</translation>
    </message>
    <message>
        <source>%1 more ▾</source>
        <translation>另外 %1 个 ▾</translation>
    </message>
    <message>
        <source>%1 more workspaces</source>
        <translation>另外 %1 个工作区</translation>
    </message>
</context>
<context>
    <name>dubito::app::RecentCard</name>
    <message>
        <source>today %1</source>
        <translation>今天 %1</translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>d MMM</source>
        <translation>M月d日</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <translation>yyyy年M月d日</translation>
    </message>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n 个运行中</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, %2 %</source>
        <translation>%1，%2 %</translation>
    </message>
    <message>
        <source>no runs yet</source>
        <translation>暂无运行</translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n 个失败</numerusform>
        </translation>
    </message>
    <message>
        <source>all done</source>
        <translation>全部完成</translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation>最近的项目</translation>
    </message>
    <message>
        <source>New project…</source>
        <translation>新建项目…</translation>
    </message>
    <message>
        <source>Open project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>state</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>last opened</source>
        <translation>上次打开</translation>
    </message>
    <message>
        <source>None yet. Ask the model above, or open the demo project.</source>
        <translation>暂无。在上方问模型，或打开演示项目。</translation>
    </message>
    <message>
        <source>Drop a project or a run&apos;s specification anywhere in this window to open it.</source>
        <translation>将项目或运行规格拖到窗口任意处即可打开。</translation>
    </message>
    <message>
        <source>file is not there</source>
        <translation>文件不存在</translation>
    </message>
    <message>
        <source>folder is not there</source>
        <translation>文件夹不存在</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>Where is %1?</source>
        <translation>%1 在哪里？</translation>
    </message>
    <message>
        <source>Dubito projects (*.dubito)</source>
        <translation>Dubito 项目 (*.dubito)</translation>
    </message>
</context>
<context>
    <name>dubito::app::RunDialog</name>
    <message>
        <source>New run</source>
        <translation>新建运行</translation>
    </message>
    <message>
        <source>Plugin</source>
        <translation>插件</translation>
    </message>
    <message>
        <source>name of the run</source>
        <translation>运行的名称</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>What differs from the defaults</source>
        <translation>与默认值的差异</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>复制为命令</translation>
    </message>
    <message>
        <source>No plugin can be run. The Plugins panel says why.</source>
        <translation>没有可运行的插件。插件面板会说明原因。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Copy as JSON</source>
        <translation>复制为 JSON</translation>
    </message>
    <message>
        <source>The plugin %1 is not installed; another one is shown.</source>
        <translation>插件 %1 未安装；显示的是另一个。</translation>
    </message>
    <message>
        <source>Memory, as its author says: %1 and the size of its model</source>
        <translation>内存（作者所述）：%1 加模型大小</translation>
    </message>
    <message>
        <source>Memory, as its author says: %1</source>
        <translation>内存（作者所述）：%1</translation>
    </message>
    <message numerus="yes">
        <source>It uses at most %n thread(s)</source>
        <translation>
            <numerusform>最多使用 %n 个线程</numerusform>
        </translation>
    </message>
    <message>
        <source>Seed: a whole number from 0 is needed.</source>
        <translation>种子：需要不小于 0 的整数。</translation>
    </message>
    <message>
        <source>Threads: a whole number from 1 to 1024 is needed.</source>
        <translation>线程：需要 1 到 1024 的整数。</translation>
    </message>
    <message>
        <source>Device: this plugin has no GPU code.</source>
        <translation>设备：此插件没有 GPU 代码。</translation>
    </message>
    <message>
        <source>Device: no NVIDIA GPU is found here.</source>
        <translation>设备：此处未找到 NVIDIA GPU。</translation>
    </message>
    <message>
        <source>This is needed: %1</source>
        <translation>此项必填：%1</translation>
    </message>
</context>
<context>
    <name>dubito::app::ShortcutDialog</name>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>search by name or keys</source>
        <translation>按名称或按键搜索</translation>
    </message>
    <message>
        <source>Search shortcuts</source>
        <translation>搜索快捷键</translation>
    </message>
    <message>
        <source>action</source>
        <translation>动作</translation>
    </message>
    <message>
        <source>keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>command line</source>
        <translation>命令行</translation>
    </message>
    <message>
        <source>New keys</source>
        <translation>新按键</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Restore all</source>
        <translation>全部恢复</translation>
    </message>
    <message>
        <source>%1 had these keys and lost them.</source>
        <translation>%1 原有这些按键，现已让出。</translation>
    </message>
</context>
<context>
    <name>dubito::app::StartPage</name>
    <message>
        <source>Dubito, ergo cogito, ergo sum. Look inside a model; keep everything in one file.</source>
        <translation>我疑，故我思，故我在。看进模型内部，一切存于一个文件。</translation>
    </message>
</context>
<context>
    <name>dubito::app::SystemCard</name>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Details ▾</source>
        <translation>详情 ▾</translation>
    </message>
    <message>
        <source>System check</source>
        <translation>系统检查</translation>
    </message>
    <message>
        <source>Details ▴</source>
        <translation>详情 ▴</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) to look at</source>
        <translation>
            <numerusform>%n 项需要注意</numerusform>
        </translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
</context>
<context>
    <name>dubito::app::TryCard</name>
    <message>
        <source>Ask a question</source>
        <translation>提一个问题</translation>
    </message>
    <message>
        <source>Type it at the left and press Enter.</source>
        <translation>在左侧输入并按回车。</translation>
    </message>
    <message>
        <source>Click a word of the answer</source>
        <translation>点击回答中的一个词</translation>
    </message>
    <message>
        <source>See what else it could have said.</source>
        <translation>看看它还可能说什么。</translation>
    </message>
    <message>
        <source>What did layer 12 think here?</source>
        <translation>第 12 层在这里想了什么？</translation>
    </message>
    <message>
        <source>A live session shows every layer at every word.</source>
        <translation>实时会话显示每个词的每一层。</translation>
    </message>
    <message>
        <source>Teach it something</source>
        <translation>教它一些东西</translation>
    </message>
    <message>
        <source>Fine-tune on a few lines of your own.</source>
        <translation>用你自己的几行文本微调。</translation>
    </message>
    <message>
        <source>Compare base and taught</source>
        <translation>比较原模型与微调后的模型</translation>
    </message>
    <message>
        <source>The same question to both, side by side.</source>
        <translation>同一问题，并排提问。</translation>
    </message>
    <message>
        <source>Five things in five minutes</source>
        <translation>五分钟做五件事</translation>
    </message>
    <message>
        <source>No installed plugin does this.</source>
        <translation>没有已安装的插件能做这个。</translation>
    </message>
</context>
<context>
    <name>dubito::app::WorkspaceArea</name>
    <message>
        <source>Layout of this workspace</source>
        <translation>此工作区的布局</translation>
    </message>
    <message>
        <source>layout %1 ▾</source>
        <translation>布局 %1 ▾</translation>
    </message>
    <message>
        <source>layout changed ▾</source>
        <translation>布局已改 ▾</translation>
    </message>
    <message>
        <source>layout as shipped ▾</source>
        <translation>原始布局 ▾</translation>
    </message>
    <message>
        <source>As shipped</source>
        <translation>原始布局</translation>
    </message>
    <message>
        <source>Save this layout as…</source>
        <translation>布局另存为…</translation>
    </message>
</context>
<context>
    <name>dubito::chat::ChatPanel</name>
    <message>
        <source>chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>beside</source>
        <translation>并排</translation>
    </message>
    <message>
        <source>Say</source>
        <translation>发言</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>temperature </source>
        <translation>温度 </translation>
    </message>
    <message>
        <source>0 is greedy: always the likeliest token</source>
        <translation>0 为贪心：总取最可能的词元</translation>
    </message>
    <message>
        <source>at most </source>
        <translation>至多 </translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 个词元</translation>
    </message>
    <message>
        <source>Ends the answer; what was said stays</source>
        <translation>结束回答；已说的内容保留</translation>
    </message>
    <message>
        <source>Type here; Ctrl+Enter says it</source>
        <translation>在此输入；Ctrl+Enter 发送</translation>
    </message>
    <message>
        <source>Your turn</source>
        <translation>你的发言</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>No conversation yet. The packaged model answers within seconds.</source>
        <translation>还没有对话。随附模型几秒内即可回答。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>another model…</source>
        <translation>其他模型…</translation>
    </message>
    <message>
        <source>Say anew</source>
        <translation>重新发言</translation>
    </message>
    <message>
        <source>Editing: the first version stays beside the new one. Esc gives up.</source>
        <translation>正在编辑：原版本与新版本并存。按 Esc 放弃。</translation>
    </message>
    <message>
        <source>Tokens are shaded by doubt; click one to see what else could have been said.</source>
        <translation>词元按怀疑程度着色；点击可查看其他候选。</translation>
    </message>
    <message>
        <source>Rendered prompt</source>
        <translation>渲染后的提示</translation>
    </message>
    <message>
        <source>%1 of %2 tokens of context</source>
        <translation>上下文 %2 个词元中的 %1 个</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>column</source>
        <translation>列</translation>
    </message>
    <message>
        <source>turn</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>id</source>
        <translation>标识</translation>
    </message>
    <message>
        <source>p</source>
        <translation>p</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>This conversation is closed: its turns stay. Go on takes them into a new chat with the same model.</source>
        <translation>此对话已关闭，内容保留。“继续”会把它们带入使用同一模型的新对话。</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Longest answer, tokens</source>
        <translation>最长回答（词元）</translation>
    </message>
    <message>
        <source>The packaged model; another one by the arrow of “chat” or by New run</source>
        <translation>自带模型；换模型请用“对话”旁的箭头或“新建运行”</translation>
    </message>
    <message numerus="yes">
        <source>%n turn(s)</source>
        <translation>
            <numerusform>%n 轮</numerusform>
        </translation>
    </message>
    <message>
        <source>beside %1</source>
        <translation>与 %1 并列</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>dubito::chat::ConversationView</name>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source> · failed: %1</source>
        <translation> · 失败：%1</translation>
    </message>
    <message>
        <source> · closed</source>
        <translation> · 已关闭</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>dubito::chat::TokenCard</name>
    <message>
        <source>Branch here</source>
        <translation>从此处分支</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>entropy, nats</source>
        <translation>熵，纳特</translation>
    </message>
    <message>
        <source>The model&apos;s own distribution</source>
        <translation>模型自身的分布</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Click a token of an answer: its alternatives appear here, and the answer can branch there.</source>
        <translation>点击回答中的词元：此处显示其他候选，也可从该处分支。</translation>
    </message>
    <message>
        <source>token %1 of the answer, given by the branch</source>
        <translation>回答的第 %1 个词元，由分支给定</translation>
    </message>
    <message>
        <source>token %1 of the answer</source>
        <translation>回答的第 %1 个词元</translation>
    </message>
    <message>
        <source>Choose another token and branch: the model goes on from it, and both answers stay.</source>
        <translation>选择其他词元并分支：模型由此继续，两个回答都保留。</translation>
    </message>
    <message>
        <source>The conversation is closed; a branch needs a running model.</source>
        <translation>对话已关闭；分支需要运行中的模型。</translation>
    </message>
</context>
<context>
    <name>dubito::chat::TurnView</name>
    <message>
        <source>reading…</source>
        <translation>读取中…</translation>
    </message>
    <message>
        <source>speaking…</source>
        <translation>回答中…</translation>
    </message>
    <message>
        <source>stopped at the longest answer</source>
        <translation>达到最长回答而停止</translation>
    </message>
    <message>
        <source>stopped by you</source>
        <translation>已由你停止</translation>
    </message>
    <message>
        <source>stopped: %1</source>
        <translation>已停止：%1</translation>
    </message>
    <message>
        <source>The version before</source>
        <translation>上一版本</translation>
    </message>
    <message>
        <source>The next version</source>
        <translation>下一版本</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>What the model was given, special tokens and all</source>
        <translation>模型收到的全部内容，含特殊词元</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Another answer beside this one; nothing is lost</source>
        <translation>在此回答旁再生成一个；不会丢失任何内容</translation>
    </message>
    <message>
        <source>Say it otherwise; the first version stays</source>
        <translation>换种说法；原版本保留</translation>
    </message>
    <message>
        <source>branched at token %1</source>
        <translation>在第 %1 个词元处分支</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>first after %1 s</source>
        <translation>首个词元用时 %1 秒</translation>
    </message>
    <message>
        <source>What can be done with this turn</source>
        <translation>对这一轮可做的操作</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>version</comment>
        <translation>%1 / %2</translation>
    </message>
</context>
<context>
    <name>dubito::curves::CurvesPanel</name>
    <message>
        <source>smooth</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>filter metrics</source>
        <translation>筛选指标</translation>
    </message>
    <message>
        <source>Filter metrics</source>
        <translation>筛选指标</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select runs in the table.</source>
        <translation>请在表中选择运行。</translation>
    </message>
    <message>
        <source>Show runs</source>
        <translation>显示运行</translation>
    </message>
    <message>
        <source>The selected runs published no metrics.</source>
        <translation>所选运行没有发布指标。</translation>
    </message>
    <message>
        <source>No metric matches &quot;%1&quot;.</source>
        <translation>没有指标符合“%1”。</translation>
    </message>
    <message>
        <source>%1 of %2 metrics are drawn; filter to see others.</source>
        <translation>已绘制 %2 个指标中的 %1 个；筛选可见其余。</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source> · smoothed %1, raw as ghost</source>
        <translation> · 平滑 %1，原始线为淡影</translation>
    </message>
    <message numerus="yes">
        <source>%1 · %n run(s) · %2 points</source>
        <translation>
            <numerusform>%1 · %n 个运行 · %2 个点</numerusform>
        </translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>metric</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>first</source>
        <translation>首值</translation>
    </message>
    <message>
        <source>min</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>last</source>
        <translation>末值</translation>
    </message>
    <message>
        <source>points</source>
        <translation>点数</translation>
    </message>
    <message>
        <source>x: step · wheel zooms, drag pans, Shift+drag boxes, double click resets</source>
        <translation>x：步 · 滚轮缩放，拖动平移，Shift+拖动框选，双击还原</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message numerus="yes">
        <source>%n metric(s)</source>
        <translation>
            <numerusform>%n 个指标</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n 个运行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::generic::RecordPanel</name>
    <message>
        <source>series</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>kind</source>
        <translation>种类</translation>
    </message>
    <message>
        <source>records</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>arrays</source>
        <translation>数组</translation>
    </message>
    <message>
        <source>Records</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select a run in the table.</source>
        <translation>请在表中选择一个运行。</translation>
    </message>
    <message>
        <source>This run published nothing.</source>
        <translation>此运行没有发布任何内容。</translation>
    </message>
    <message>
        <source>What the record says of itself</source>
        <translation>记录的自述信息</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n 条记录</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::inspector::AttentionView</name>
    <message>
        <source>Attention: weight on the first place, by layer and head</source>
        <translation>注意力：首位置的权重，按层与头</translation>
    </message>
    <message>
        <source>Attention of one layer</source>
        <translation>一层的注意力</translation>
    </message>
    <message>
        <source>Attention was not captured in this run.</source>
        <translation>此运行没有采集注意力。</translation>
    </message>
    <message>
        <source>Weight on position 0, by layer and head</source>
        <translation>位置 0 的权重，按层与头</translation>
    </message>
    <message>
        <source>Layer %1: where each head looks from “%2”</source>
        <translation>第 %1 层：各头从“%2”看向何处</translation>
    </message>
    <message>
        <source>Layer %1: the eight strongest places of each head from “%2”</source>
        <translation>第 %1 层：各头从“%2”看去最强的八处</translation>
    </message>
</context>
<context>
    <name>dubito::inspector::CausalView</name>
    <message>
        <source>test</source>
        <translation>检验</translation>
    </message>
    <message>
        <source>Causal grid</source>
        <translation>因果网格</translation>
    </message>
    <message>
        <source>No causal test was run. Set causal.kind in a new run, or ask for one while a session is live.</source>
        <translation>没有做过因果检验。可在新运行中设置 causal.kind，或在实时会话中提出。</translation>
    </message>
    <message>
        <source>Recovered fraction of the logit difference, layer by place</source>
        <translation>logit 差的恢复比例，层 × 位置</translation>
    </message>
    <message>
        <source>Relative change of the logit difference, layer by place</source>
        <translation>logit 差的相对变化，层 × 位置</translation>
    </message>
    <message>
        <source>right “%1”, wrong “%2” · difference %3 clean, %4 changed</source>
        <translation>正确“%1”，错误“%2” · 差值 原 %3，改 %4</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>effect</source>
        <translation>效应</translation>
    </message>
</context>
<context>
    <name>dubito::inspector::CellCard</name>
    <message>
        <source>Branch here</source>
        <translation>从此处分支</translation>
    </message>
    <message>
        <source>Patch from…</source>
        <translation>从…修补</translation>
    </message>
    <message>
        <source>Ablate</source>
        <translation>消融</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Rank over layers</source>
        <translation>各层中的名次</translation>
    </message>
    <message>
        <source>Candidates of this read-out</source>
        <translation>此读出的候选</translation>
    </message>
    <message>
        <source>Cell</source>
        <translation>单元</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>KL to the model</source>
        <translation>相对模型的 KL</translation>
    </message>
    <message>
        <source>rank of said token</source>
        <translation>所说词元的名次</translation>
    </message>
    <message>
        <source>residual norm</source>
        <translation>残差范数</translation>
    </message>
    <message>
        <source>As table</source>
        <translation>以表格显示</translation>
    </message>
    <message>
        <source>Provenance</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>embedding · “%1” → “%2”</source>
        <translation>嵌入 · “%1” → “%2”</translation>
    </message>
    <message>
        <source>layer %1 · “%2” → “%3”</source>
        <translation>第 %1 层 · “%2” → “%3”</translation>
    </message>
    <message>
        <source>What this layer would say at position %1; the prompt goes on with “%2” (p = %3).</source>
        <translation>这一层在位置 %1 会说什么；提示的下一个词元是“%2”(p = %3)。</translation>
    </message>
    <message>
        <source>What this layer would say at position %1; the model says “%2” with p = %3.</source>
        <translation>这一层在位置 %1 会说什么；模型说“%2”，p = %3。</translation>
    </message>
    <message>
        <source>Rank of “%1” over layers</source>
        <translation>“%1”在各层中的名次</translation>
    </message>
    <message>
        <source>%1 nat</source>
        <translation>%1 纳特</translation>
    </message>
    <message>
        <source>The run&apos;s worker has ended. Open a live session to try this.</source>
        <translation>此运行的工作进程已结束。打开实时会话后可试。</translation>
    </message>
    <message>
        <source>No cell is selected.</source>
        <translation>未选中任何单元格。</translation>
    </message>
</context>
<context>
    <name>dubito::inspector::InspectorPanel</name>
    <message>
        <source>colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>layer k</source>
        <translation>层 k</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>minus</source>
        <translation>减去</translation>
    </message>
    <message>
        <source>entropy, nats</source>
        <translation>熵，纳特</translation>
    </message>
    <message>
        <source>cross-entropy, nats</source>
        <translation>交叉熵，纳特</translation>
    </message>
    <message>
        <source>KL to the model, nats</source>
        <translation>相对模型的 KL，纳特</translation>
    </message>
    <message>
        <source>rank of the token said</source>
        <translation>所说词元的名次</translation>
    </message>
    <message>
        <source>agrees with the model</source>
        <translation>与模型一致</translation>
    </message>
    <message>
        <source>probability of the token said</source>
        <translation>所说词元的概率</translation>
    </message>
    <message>
        <source>read-out: raw, unadjusted</source>
        <translation>读出：原始，未校正</translation>
    </message>
    <message>
        <source>The final norm and head applied to a middle layer without any training. Low entropy here is not certainty.</source>
        <translation>把末层归一化与输出头直接用于中间层，未经训练。此处熵低并不表示确定。</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Ranks</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>Residual</source>
        <translation>残差</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>Attribution</source>
        <translation>归因</translation>
    </message>
    <message>
        <source>Causal</source>
        <translation>因果</translation>
    </message>
    <message>
        <source>Views of the inspector</source>
        <translation>检视的各视图</translation>
    </message>
    <message>
        <source>Layer map</source>
        <translation>层图</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>norm</source>
        <translation>范数</translation>
    </message>
    <message>
        <source>Norms of residual, attention and MLP</source>
        <translation>残差、注意力与 MLP 的范数</translation>
    </message>
    <message>
        <source>Logit attribution</source>
        <translation>logit 归因</translation>
    </message>
    <message>
        <source>another prompt for the model that is loaded</source>
        <translation>给已载入模型的另一个提示</translation>
    </message>
    <message>
        <source>New prompt</source>
        <translation>新提示</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Text, shaded by doubt</source>
        <translation>文本，以疑度着色</translation>
    </message>
    <message>
        <source>Patch from another prompt</source>
        <translation>用另一个提示修补</translation>
    </message>
    <message>
        <source>A prompt of equally many tokens, with another answer:</source>
        <translation>词元数相同、答案不同的提示：</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select a language-model run.</source>
        <translation>请选择一个语言模型运行。</translation>
    </message>
    <message>
        <source>Show runs</source>
        <translation>显示运行</translation>
    </message>
    <message>
        <source>No layers were captured in this run.</source>
        <translation>此运行没有采集任何层。</translation>
    </message>
    <message>
        <source>New inspection…</source>
        <translation>新建检视…</translation>
    </message>
    <message>
        <source>The run stopped early: %1</source>
        <translation>运行提前停止：%1</translation>
    </message>
    <message>
        <source>spec</source>
        <translation>规格</translation>
    </message>
    <message>
        <source>model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>%1, branch of %2</source>
        <translation>%1，%2 的分支</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>第 %1 层，共 %2 层</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>pale: rank %1 … dark: rank 1</source>
        <translation>浅：第 %1 名 … 深：第 1 名</translation>
    </message>
    <message>
        <source>pale: 0 … dark: 1</source>
        <translation>浅：0 … 深：1</translation>
    </message>
    <message>
        <source>pale: %1 … dark: %2 · uniform %3</source>
        <translation>浅：%1 … 深：%2 · 均匀 %3</translation>
    </message>
    <message numerus="yes">
        <source>Text, answer shaded by doubt (1 − p of the token) · %n token(s) answered</source>
        <translation>
            <numerusform>文本，回答以疑度（1 − 词元概率）着色 · 回答 %n 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>residual</source>
        <translation>残差</translation>
    </message>
    <message>
        <source>attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>MLP</source>
        <translation>MLP</translation>
    </message>
    <message>
        <source>Thought inspector: %1</source>
        <translation>思维检视：%1</translation>
    </message>
    <message>
        <source>position</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>next</source>
        <translation>下一个</translation>
    </message>
    <message>
        <source>first candidate</source>
        <translation>首选候选</translation>
    </message>
    <message>
        <source>p</source>
        <translation>p</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>cross-entropy</source>
        <translation>交叉熵</translation>
    </message>
    <message>
        <source>KL</source>
        <translation>KL</translation>
    </message>
    <message>
        <source>agrees</source>
        <translation>一致</translation>
    </message>
    <message>
        <source>residual norm</source>
        <translation>残差范数</translation>
    </message>
    <message>
        <source>Thought inspector</source>
        <translation>思维检视</translation>
    </message>
    <message>
        <source>difference of log10 rank · orange: better here, blue: worse, end %1</source>
        <translation>log10 排名之差 · 橙：此处更好，蓝：更差，端点 %1</translation>
    </message>
    <message>
        <source>difference · blue: less, orange: more, end %1</source>
        <translation>差值 · 蓝：更小，橙：更大，端点 %1</translation>
    </message>
    <message>
        <source>No run is selected.</source>
        <translation>未选择运行。</translation>
    </message>
    <message>
        <source>No cell is selected.</source>
        <translation>未选中任何单元格。</translation>
    </message>
    <message>
        <source>This run has no read-outs, so there is no cell to look at.</source>
        <translation>此运行没有读出，因此没有可看的单元格。</translation>
    </message>
    <message>
        <source>Nothing is read out so far; it appears here as the run goes on.</source>
        <translation>尚无读出；随运行进行显示在此处。</translation>
    </message>
    <message>
        <source>This run has not begun; what it reads out appears here.</source>
        <translation>此运行尚未开始；其读出将显示在此处。</translation>
    </message>
    <message>
        <source>what each layer would say next</source>
        <translation>每一层接下来会说什么</translation>
    </message>
    <message>
        <source>ranks of words over layers</source>
        <translation>词在各层的名次</translation>
    </message>
    <message>
        <source>norms over layers</source>
        <translation>各层的范数</translation>
    </message>
    <message>
        <source>where one position looks</source>
        <translation>某一位置看向哪里</translation>
    </message>
    <message>
        <source>what spoke for the token</source>
        <translation>什么支持了这个词元</translation>
    </message>
    <message>
        <source>causal tests</source>
        <translation>因果检验</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>norm at position %1</source>
        <translation>位置 %1 处的范数</translation>
    </message>
</context>
<context>
    <name>dubito::inspector::LayerMap</name>
    <message>
        <source>emb</source>
        <translation>嵌入</translation>
    </message>
    <message>
        <source>layer %1, position %2: %3</source>
        <translation>层 %1，位置 %2：%3</translation>
    </message>
    <message>
        <source>embedding</source>
        <translation>嵌入</translation>
    </message>
</context>
<context>
    <name>dubito::inspector::RankView</name>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>rank, 1 is best</source>
        <translation>排名，1 为最佳</translation>
    </message>
    <message>
        <source>Rank ribbons</source>
        <translation>排名曲线</translation>
    </message>
    <message>
        <source>watch tokens, separated by commas; empty: the last layer&apos;s best</source>
        <translation>关注的词元，以逗号分隔；留空：末层最佳候选</translation>
    </message>
    <message>
        <source>Watched tokens</source>
        <translation>关注的词元</translation>
    </message>
    <message>
        <source>(said)</source>
        <translation>（说出）</translation>
    </message>
    <message>
        <source>watched tokens are drawn where they are among the %1 stored candidates</source>
        <translation>关注的词元只在其进入所存 %1 个候选处绘出</translation>
    </message>
    <message>
        <source>not among the %1 candidates at this position</source>
        <translation>不在此位置的 %1 个候选之中</translation>
    </message>
</context>
<context>
    <name>dubito::kit::DataTwin</name>
    <message>
        <source>Data as table</source>
        <translation>以表格显示数据</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>另存为 CSV…</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>另存为 CSV</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>CSV 文件 (*.csv)</translation>
    </message>
</context>
<context>
    <name>dubito::kit::PaneFrame</name>
    <message>
        <source>Pin</source>
        <translation>固定</translation>
    </message>
    <message>
        <source>Pin %1</source>
        <translation>固定 %1</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>%1 as table</source>
        <translation>%1 的表格</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>导出 %1</translation>
    </message>
    <message>
        <source>More ▾</source>
        <translation>更多 ▾</translation>
    </message>
    <message>
        <source>More of %1</source>
        <translation>%1 的更多操作</translation>
    </message>
    <message>
        <source>Keeps what is shown here, whatever is selected elsewhere</source>
        <translation>无论别处选择什么，都保持此处内容</translation>
    </message>
    <message>
        <source>The figure as numbers</source>
        <translation>图中的数值</translation>
    </message>
    <message>
        <source>Follow the selection again</source>
        <translation>重新跟随选择</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Split right</source>
        <translation>向右拆分</translation>
    </message>
    <message>
        <source>Split below</source>
        <translation>向下拆分</translation>
    </message>
    <message>
        <source>Show here</source>
        <translation>在此显示</translation>
    </message>
    <message>
        <source>Dock back</source>
        <translation>放回</translation>
    </message>
    <message>
        <source>Pop out</source>
        <translation>弹出</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>已固定</translation>
    </message>
    <message>
        <source>%1 is pinned</source>
        <translation>%1 已固定</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>%1 cannot show this run: it has no %2.</source>
        <translation>%1 无法显示此运行：它没有 %2。</translation>
    </message>
    <message>
        <source>%1 cannot show this run: it has no %2 so far.</source>
        <translation>%1 无法显示此运行：目前还没有 %2。</translation>
    </message>
    <message>
        <source>%1 cannot show this run: it has no %2; these can: %3.</source>
        <translation>%1 无法显示此运行：它没有 %2；可以用：%3。</translation>
    </message>
    <message>
        <source>%1 cannot show this run: it has no %2 so far; these can: %3.</source>
        <translation>%1 无法显示此运行：目前还没有 %2；可用：%3。</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>dubito::kit::StateView</name>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>载入中…</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>dubito::kit::TokenStrip</name>
    <message>
        <source>position %1, probability %2</source>
        <translation>位置 %1，概率 %2</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::ModelPanel</name>
    <message>
        <source>Card</source>
        <translation>卡片</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Tokenise</source>
        <translation>分词</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>模板</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>Views of the model</source>
        <translation>模型的视图</translation>
    </message>
    <message>
        <source>Any text: how does this model cut it?</source>
        <translation>任意文本：该模型如何切分？</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select a run of a language model.</source>
        <translation>请选择一个语言模型的运行。</translation>
    </message>
    <message>
        <source>Show runs</source>
        <translation>显示运行</translation>
    </message>
    <message>
        <source>This run shows no model.</source>
        <translation>此运行没有模型信息。</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>%1 MiB after conversion; largest relative error %2 in %3</source>
        <translation>转换后 %1 MiB；最大相对误差 %2，位于 %3</translation>
    </message>
    <message>
        <source>turn %1</source>
        <translation>第 %1 轮</translation>
    </message>
    <message>
        <source>Special spellings are plain text here, as in a person&apos;s turn.</source>
        <translation>此处特殊拼写按普通文本处理，与用户发言一致。</translation>
    </message>
    <message>
        <source>%1 tokens for %2 bytes: %3 bytes a token</source>
        <translation>%2 字节共 %1 个词元：每个词元 %3 字节</translation>
    </message>
    <message>
        <source>No prompt yet: the first turn of a chat appears here as the model reads it.</source>
        <translation>尚无提示：对话的第一轮会按模型读到的样子显示在此。</translation>
    </message>
    <message>
        <source>%1 of %2 tokens of context; shaded: the %3 tokens the model said itself, on which training would be supervised</source>
        <translation>上下文 %2 个词元中的 %1 个；着色部分为模型自己说的 %3 个词元，训练时以其为监督</translation>
    </message>
    <message>
        <source>Model: %1</source>
        <translation>模型：%1</translation>
    </message>
    <message>
        <source>place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>id</source>
        <translation>标识</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Quantisation</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Items</source>
        <translation>题目</translation>
    </message>
    <message>
        <source>Compare…</source>
        <translation>比较…</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>评测</translation>
    </message>
    <message>
        <source>MiB</source>
        <translation>MiB</translation>
    </message>
    <message>
        <source>KL, nats</source>
        <translation>KL，奈特</translation>
    </message>
    <message>
        <source>Distance against size</source>
        <translation>距离与大小</translation>
    </message>
    <message>
        <source>Cuts this text with a second tokenizer too: a model, tokenizer.json, vocab.txt, tokenizer.model or .tiktoken.</source>
        <translation>再用第二个分词器切分这段文字：模型、tokenizer.json、vocab.txt、tokenizer.model 或 .tiktoken。</translation>
    </message>
    <message>
        <source>This run scored no items. An evaluation with a file of task lines shows them here; select two to compare them.</source>
        <translation>此运行没有评测题目。带题目文件的评测运行会显示在这里；选择两个即可比较。</translation>
    </message>
    <message>
        <source>Intervals are Wilson&apos;s 95 %. Select a second run to compare both on the items they share.</source>
        <translation>区间为 Wilson 95 %。再选择一个运行，可在相同题目上比较。</translation>
    </message>
    <message>
        <source>KL</source>
        <translation>KL</translation>
    </message>
    <message>
        <source>What each type costs: size, and the distance of its predictions to those of the model as it is.</source>
        <translation>每种类型的代价：大小，以及其预测与原模型预测之间的距离。</translation>
    </message>
    <message>
        <source>This run converted nothing. A conversion shows here what each tensor became and lost; the quantisation lab compares types.</source>
        <translation>此运行没有转换任何内容。转换运行会在此显示每个张量变成了什么、损失了多少；量化实验比较各种类型。</translation>
    </message>
    <message>
        <source>The model is not running; a chat that is open answers, and Compare… starts a run of its own.</source>
        <translation>模型未在运行；打开的对话可以回答，“比较…”会启动单独的运行。</translation>
    </message>
    <message>
        <source>one of them does not spell every byte, so cuts are not compared</source>
        <translation>其中一个不能拼出每个字节，因此不比较切分</translation>
    </message>
    <message numerus="yes">
        <source>%n cut(s) differ; pieces that end at one are shaded</source>
        <translation>
            <numerusform>%n 处切分不同；在此结束的片段带底色</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2 tokens, %3 bytes a token; %4</source>
        <translation>%1：%2 个词元，每个 %3 字节；%4</translation>
    </message>
    <message>
        <source>%1 minus this run on %2 shared items: %3 in accuracy, 95 % between %4 and %5 (paired bootstrap over %6 groups)</source>
        <translation>%1 减去本次运行，共 %2 个相同题目：准确率相差 %3，95 % 区间 %4 至 %5（按 %6 组配对自助法）</translation>
    </message>
    <message>
        <source>The run has told nothing of a model so far; it appears here.</source>
        <translation>此运行尚未给出模型信息；给出后显示在此处。</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::TrainingPanel</name>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>与它对话</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Takes a checkpoint and stops; &quot;Go on&quot; continues from it, step for step.</source>
        <translation>保存检查点并停止；“继续”从该处逐步接着训练。</translation>
    </message>
    <message>
        <source>A new chat with the newest checkpoint of this run.</source>
        <translation>用此运行的最新检查点开始新对话。</translation>
    </message>
    <message>
        <source>Copies the files of the newest checkpoint: an adapter opens in PEFT as it is.</source>
        <translation>复制最新检查点的文件：适配器可直接在 PEFT 中打开。</translation>
    </message>
    <message>
        <source>Loss, nats a token</source>
        <translation>损失，奈特/词元</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>梯度范数</translation>
    </message>
    <message>
        <source>Tokens a second</source>
        <translation>词元/秒</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select a fine-tuning run.</source>
        <translation>选择一个微调运行。</translation>
    </message>
    <message>
        <source>New run…</source>
        <translation>新建运行…</translation>
    </message>
    <message>
        <source>This run trained nothing. A fine-tuning run shows its curves and checkpoints here.</source>
        <translation>此运行没有训练。微调运行会在此显示曲线与检查点。</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>第 %1 步，共 %2 步</translation>
    </message>
    <message>
        <source>%1 supervised tokens a step</source>
        <translation>每步 %1 个受监督词元</translation>
    </message>
    <message>
        <source>loss %1</source>
        <translation>损失 %1</translation>
    </message>
    <message>
        <source>held out %1</source>
        <translation>留出 %1</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>约剩 %1</translation>
    </message>
    <message>
        <source>held out</source>
        <translation>留出</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>attempt</source>
        <translation>尝试</translation>
    </message>
    <message>
        <source>size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>taken</source>
        <translation>保存时间</translation>
    </message>
    <message>
        <source>folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>replaced by a newer one</source>
        <translation>已被更新的取代</translation>
    </message>
    <message>
        <source>Training: %1</source>
        <translation>训练：%1</translation>
    </message>
    <message>
        <source>metric</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>first</source>
        <translation>首值</translation>
    </message>
    <message>
        <source>min</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>last</source>
        <translation>末值</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>goes on at</source>
        <translation>从此步继续</translation>
    </message>
    <message>
        <source>No step is done so far; curves and checkpoints appear here.</source>
        <translation>尚未完成任何一步；曲线和检查点将显示在此处。</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s)</source>
        <translation>
            <numerusform>%n 个检查点</numerusform>
        </translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>dubito::log::LogPanel</name>
    <message>
        <source>level</source>
        <translation>级别</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Filter log</source>
        <translation>筛选日志</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select runs in the table.</source>
        <translation>请在表中选择运行。</translation>
    </message>
    <message>
        <source>No lines at this level.</source>
        <translation>此级别没有日志。</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>run</source>
        <translation>运行</translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::runs::RunCard</name>
    <message>
        <source>Metrics, last value</source>
        <translation>指标（最后值）</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Provenance</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>spec</source>
        <translation>规格</translation>
    </message>
    <message>
        <source>plugin</source>
        <translation>插件</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>No run is selected.</source>
        <translation>未选择运行。</translation>
    </message>
    <message>
        <source>Repeat with changes…</source>
        <translation>修改后重复…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message numerus="yes">
        <source>and %n other run(s)</source>
        <translation>
            <numerusform>以及另外 %n 个运行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::runs::RunsModel</name>
    <message>
        <source>state</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>system</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>created</source>
        <translation>创建时间</translation>
    </message>
    <message>
        <source>duration</source>
        <translation>时长</translation>
    </message>
</context>
<context>
    <name>dubito::runs::RunsPanel</name>
    <message>
        <source>number</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>value</source>
        <translation>取值</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>filter: a name, or system = tas and params.gen.max_tokens &gt; 8</source>
        <translation>筛选：名称，或 system = tas and params.gen.max_tokens &gt; 8</translation>
    </message>
    <message>
        <source>Filter runs</source>
        <translation>筛选运行</translation>
    </message>
    <message>
        <source>No run matches &quot;%1&quot;.</source>
        <translation>没有运行符合“%1”。</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>No runs yet.</source>
        <translation>还没有运行。</translation>
    </message>
    <message>
        <source>New run…</source>
        <translation>新建运行…</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message numerus="yes">
        <source>the first %n run(s)</source>
        <translation>
            <numerusform>前 %n 个运行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n 个运行</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2 columns fit</source>
        <translation>放得下 %1/%2 列</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
</TS>
