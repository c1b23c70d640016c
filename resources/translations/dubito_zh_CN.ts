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
    <message>
        <source>Move to a folder</source>
        <translation>移到文件夹</translation>
    </message>
    <message>
        <source>Folder, a new one or one that is there; empty: none</source>
        <translation>文件夹（新建或已有；留空则不放入）：</translation>
    </message>
    <message>
        <source>Delete conversation</source>
        <translation>删除对话</translation>
    </message>
    <message>
        <source>Move to a &amp;folder…</source>
        <translation>移到文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>conversation group</source>
        <translation>对话 分组</translation>
    </message>
    <message>
        <source>Delete the &amp;conversation</source>
        <translation>删除对话(&amp;C)</translation>
    </message>
    <message>
        <source>bin remove chat stop</source>
        <translation>回收站 删除 对话 停止</translation>
    </message>
    <message>
        <source>The bin is empty.</source>
        <translation>回收站是空的。</translation>
    </message>
    <message>
        <source>No run is selected.</source>
        <translation>没有选择运行。</translation>
    </message>
    <message>
        <source>The run table is not in view.</source>
        <translation>运行表不在视图中。</translation>
    </message>
    <message>
        <source>N&amp;ote…</source>
        <translation>备注(&amp;O)…</translation>
    </message>
    <message>
        <source>remark comment text</source>
        <translation>备注 注释 文本</translation>
    </message>
    <message>
        <source>Ta&amp;gs…</source>
        <translation>标签(&amp;G)…</translation>
    </message>
    <message>
        <source>label group mark</source>
        <translation>标签 分组 标记</translation>
    </message>
    <message>
        <source>&amp;Copy rows</source>
        <translation>复制行(&amp;C)</translation>
    </message>
    <message>
        <source>clipboard table TSV</source>
        <translation>剪贴板 表格 TSV</translation>
    </message>
    <message>
        <source>Copy rows as &amp;Markdown</source>
        <translation>以 Markdown 复制行(&amp;M)</translation>
    </message>
    <message>
        <source>clipboard table</source>
        <translation>剪贴板 表格</translation>
    </message>
    <message>
        <source>layers of: %1</source>
        <translation>各层所见：%1</translation>
    </message>
    <message>
        <source>No plugin that looks into a model&apos;s layers is installed.</source>
        <translation>未安装检视模型各层的插件。</translation>
    </message>
    <message>
        <source>This project is open read-only: nothing can be run in it.</source>
        <translation>此项目以只读方式打开：无法在其中运行任何任务。</translation>
    </message>
    <message>
        <source>&amp;Teach it something…</source>
        <translation>教它一点东西(&amp;T)…</translation>
    </message>
    <message>
        <source>lesson examples fine-tune lora mask</source>
        <translation>课程 示例 微调 lora 掩码</translation>
    </message>
    <message>
        <source>Save a copy</source>
        <translation>保存副本</translation>
    </message>
    <message>
        <source>The project is open for writing already.</source>
        <translation>项目已经可以写入。</translation>
    </message>
    <message>
        <source>Save a co&amp;py…</source>
        <translation>保存副本(&amp;P)…</translation>
    </message>
    <message>
        <source>backup duplicate rescue</source>
        <translation>备份 副本 抢救</translation>
    </message>
    <message>
        <source>Open for &amp;writing</source>
        <translation>打开以写入(&amp;W)</translation>
    </message>
    <message>
        <source>take over owner read-only</source>
        <translation>接管 所有者 只读</translation>
    </message>
    <message numerus="yes">
        <source>New name of %n run(s); numbers from 1 are put behind it:</source>
        <translation>
            <numerusform>%n 个运行的新名称；后面会从 1 开始编号：</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) moved to the bin; Undo brings them back.</source>
        <translation>
            <numerusform>%n 个运行已移入回收站；撤销可恢复。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) are still going.</source>
        <translation>
            <numerusform>%n 个运行仍在进行。</numerusform>
        </translation>
    </message>
    <message>
        <source>They are stopped first. Undo takes them out of the bin again, but does not start them.</source>
        <translation>会先停止它们。撤销可将其移出回收站，但不会重新启动。</translation>
    </message>
    <message>
        <source>Stop and delete</source>
        <translation>停止并删除</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Note: %1</source>
        <translation>备注：%1</translation>
    </message>
    <message>
        <source>What is to be remembered of this run:</source>
        <translation>关于此运行要记住的内容：</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message numerus="yes">
        <source>Tags of %n run(s), with commas between them:</source>
        <translation>
            <numerusform>%n 个运行的标签，以逗号分隔：</numerusform>
        </translation>
    </message>
    <message>
        <source>The project is open for reading only.</source>
        <translation>项目以只读方式打开。</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>&amp;Export figure…</source>
        <translation>导出图(&amp;E)…</translation>
    </message>
    <message>
        <source>Copy fi&amp;gure</source>
        <translation>复制图(&amp;G)</translation>
    </message>
    <message>
        <source>clipboard picture</source>
        <translation>剪贴板 图片</translation>
    </message>
    <message>
        <source>&amp;Data to teach</source>
        <translation>教学数据(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Base and taught</source>
        <translation>训练前后(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Baseline on or off</source>
        <translation>设为或取消基准(&amp;B)</translation>
    </message>
    <message>
        <source>compare difference</source>
        <translation>比较 差值</translation>
    </message>
    <message>
        <source>Baseline</source>
        <translation>基准</translation>
    </message>
    <message>
        <source>Pla&amp;y or hold the time cursor</source>
        <translation>播放或停住时间游标(&amp;Y)</translation>
    </message>
    <message>
        <source>step token animate</source>
        <translation>步 词元 动画</translation>
    </message>
    <message>
        <source>Held-out &amp;items</source>
        <translation>留出条目(&amp;I)</translation>
    </message>
</context>
<context>
    <name>DataPanel</name>
    <message>
        <source>no target: nothing is learned from this row</source>
        <translation>无目标：这一行什么也学不到</translation>
    </message>
    <message>
        <source>longer than a row: all of it is left out</source>
        <translation>超出行长：整行被略去</translation>
    </message>
    <message>
        <source>longer than a row: %1 of %2 tokens are cut off</source>
        <translation>超出行长：%2 个词元中截去 %1 个</translation>
    </message>
    <message>
        <source>repeated: the same as row %1</source>
        <translation>重复：与第 %1 行相同</translation>
    </message>
    <message>
        <source>shared with the held-out rows: their loss says less</source>
        <translation>与留出行相同：留出损失的意义因此降低</translation>
    </message>
    <message>
        <source>shared with row %1 of the held-out rows</source>
        <translation>与留出部分的第 %1 行相同</translation>
    </message>
    <message>
        <source>shared with held-out %1, row %2</source>
        <translation>与留出集 %1 的第 %2 行相同</translation>
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
    <message>
        <source>examples, and what is learned of each</source>
        <translation>示例，以及每行中会学习的部分</translation>
    </message>
    <message>
        <source>the same question to both</source>
        <translation>向两者提出同一个问题</translation>
    </message>
    <message>
        <source>read-outs of layers</source>
        <translation>逐层读出</translation>
    </message>
    <message>
        <source>No layers were read out in this run. In a chat: click a word of an answer, then the line below its card.</source>
        <translation>这次运行没有读出各层。在对话中：点击回答里的一个词，再点它卡片下面的那一行。</translation>
    </message>
    <message>
        <source>conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>training and no comparison of two models</source>
        <translation>训练，也没有两个模型的对比</translation>
    </message>
    <message>
        <source>description, tokens or scores of a model</source>
        <translation>模型的说明、词元或得分</translation>
    </message>
    <message>
        <source>data for it</source>
        <translation>可显示的数据</translation>
    </message>
    <message>
        <source>Nothing was trained in this run. Press Teach beside the examples: its curves grow here.</source>
        <translation>此运行没有训练。请按示例旁的“教”：曲线会显示在这里。</translation>
    </message>
    <message>
        <source>best, worst and most changed at a checkpoint</source>
        <translation>某个检查点上最好、最差和变化最大的条目</translation>
    </message>
    <message>
        <source>Nothing was taught in this run. Once a lesson has a checkpoint, ask it and its base the same question here.</source>
        <translation>此运行没有教过什么。课程有检查点后，可在这里向它和原模型问同一个问题。</translation>
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
    <message>
        <source>Several with commas are a run each: 1, 2 or 1..5</source>
        <translation>用逗号写多个值，每个值一次运行：1, 2 或 1..5</translation>
    </message>
</context>
<context>
    <name>ProjectDialogs</name>
    <message>
        <source>Dubito projects (*.dubito)</source>
        <translation>Dubito 项目 (*.dubito)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>The name is taken</source>
        <translation>名称已被占用</translation>
    </message>
    <message>
        <source>%1 exists already and is left as it is. Choose another name.</source>
        <translation>%1 已经存在，将保持原样。请选择另一个名称。</translation>
    </message>
    <message>
        <source>Choose another name…</source>
        <translation>选择另一个名称…</translation>
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
    <message>
        <source>error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>crash</source>
        <translation>崩溃</translation>
    </message>
    <message>
        <source>out of memory</source>
        <translation>内存不足</translation>
    </message>
    <message>
        <source>disk full</source>
        <translation>磁盘已满</translation>
    </message>
    <message>
        <source>time limit</source>
        <translation>超时</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>丢失</translation>
    </message>
    <message>
        <source>did not start</source>
        <translation>未能启动</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>closed after an idle time</source>
        <translation>闲置一段时间后已关闭</translation>
    </message>
    <message>
        <source>stopped on request</source>
        <translation>已按要求停止</translation>
    </message>
    <message>
        <source>stopped before it started</source>
        <translation>开始前已停止</translation>
    </message>
    <message>
        <source>ended by force on request</source>
        <translation>已按要求强制结束</translation>
    </message>
    <message>
        <source>the worker did not start in time</source>
        <translation>工作进程未能及时启动</translation>
    </message>
    <message>
        <source>its end record is missing in the journal</source>
        <translation>日志中缺少其结束记录</translation>
    </message>
    <message>
        <source>the worker refused the run</source>
        <translation>工作进程拒绝了此运行</translation>
    </message>
    <message>
        <source>the worker could not write its records (disk full or failing)</source>
        <translation>工作进程无法写入记录（磁盘已满或有故障）</translation>
    </message>
    <message>
        <source>the worker is gone without a word (killed, or the machine went down)</source>
        <translation>工作进程无声消失（被杀死，或机器断电）</translation>
    </message>
    <message>
        <source>the worker was ended by %1 before it began</source>
        <translation>工作进程在开始前被 %1 结束</translation>
    </message>
    <message>
        <source>the worker ended with code %1 before it began</source>
        <translation>工作进程在开始前以代码 %1 结束</translation>
    </message>
    <message>
        <source>the worker ended with code %1 and no end record</source>
        <translation>工作进程以代码 %1 结束，没有结束记录</translation>
    </message>
    <message>
        <source>ended by %1: %2</source>
        <translation>被 %1 结束：%2</translation>
    </message>
    <message>
        <source>ended by %1</source>
        <translation>被 %1 结束</translation>
    </message>
</context>
<context>
    <name>SystemCheck</name>
    <message>
        <source>memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>worker</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>plugins</source>
        <translation>插件</translation>
    </message>
    <message>
        <source>default model</source>
        <translation>默认模型</translation>
    </message>
    <message>
        <source>disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>display</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>%1 cores, %2</source>
        <translation>%1 个核心，%2</translation>
    </message>
    <message>
        <source>%1 available</source>
        <translation>可用 %1</translation>
    </message>
    <message>
        <source>language models need about 2 GiB; close other programs</source>
        <translation>语言模型约需 2 GiB；请关闭其他程序</translation>
    </message>
    <message>
        <source>CPU only</source>
        <translation>仅 CPU</translation>
    </message>
    <message>
        <source>%1 NVIDIA device</source>
        <translation>%1 个 NVIDIA 设备</translation>
    </message>
    <message>
        <source>%1 NVIDIA devices</source>
        <translation>%1 个 NVIDIA 设备</translation>
    </message>
    <message>
        <source>starts</source>
        <translation>可以启动</translation>
    </message>
    <message>
        <source>does not start</source>
        <translation>无法启动</translation>
    </message>
    <message>
        <source>run it by hand: %1</source>
        <translation>请手动运行：%1</translation>
    </message>
    <message>
        <source>%1 found, %2 refused</source>
        <translation>找到 %1 个，拒绝 %2 个</translation>
    </message>
    <message>
        <source>build them, or set DUBITO_PLUGIN_PATH</source>
        <translation>请构建插件，或设置 DUBITO_PLUGIN_PATH</translation>
    </message>
    <message>
        <source>dubito plugins list says why</source>
        <translation>原因见 dubito plugins list</translation>
    </message>
    <message>
        <source>loads</source>
        <translation>可以加载</translation>
    </message>
    <message>
        <source>does not load</source>
        <translation>无法加载</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>run packaging/setup, or name a model file of your own</source>
        <translation>请运行 packaging/setup，或指定自己的模型文件</translation>
    </message>
    <message>
        <source>%1 free for runs</source>
        <translation>%1 可供运行使用</translation>
    </message>
    <message>
        <source>less than 2 GiB: runs may be refused</source>
        <translation>不足 2 GiB：运行可能被拒绝</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>the desktop needs one; the command line does not</source>
        <translation>桌面程序需要它；命令行不需要</translation>
    </message>
</context>
<context>
    <name>Terms</name>
    <message>
        <source>One file that holds a language model: its weights, tokenizer and chat template.</source>
        <translation>把一个语言模型的权重、分词器与对话模板装在一起的单个文件。</translation>
    </message>
    <message>
        <source>A way to store weights in about 4.5 bits each: blocks of 256 share scales, and rounding them costs little quality.</source>
        <translation>一种权重存储方式，每个约 4.5 位：每 256 个为一块，共用缩放系数，舍入带来的质量损失很小。</translation>
    </message>
    <message>
        <source>Storing weights in fewer bits than they were trained in: smaller and faster, and slightly different answers.</source>
        <translation>用比训练时更少的位数存储权重：更小、更快，回答略有不同。</translation>
    </message>
    <message>
        <source>Kullback-Leibler divergence: how far one distribution is from another, in nats; 0 only when they are equal.</source>
        <translation>Kullback-Leibler 散度：一个分布离另一个有多远，单位为奈特；仅当两者相同时为 0。</translation>
    </message>
    <message>
        <source>The last step of the model applied to a middle layer: what it would say if it stopped there.</source>
        <translation>把模型的最后一步用在中间层上：如果在此停下，它会说什么。</translation>
    </message>
    <message>
        <source>A logit lens with a small learned correction for each layer, so that middle layers read more truly.</source>
        <translation>为每层加上一个学得的小修正的 logit 透镜，使中间层的读数更准确。</translation>
    </message>
    <message>
        <source>How open the choice of the next token is: 0 nats when one token is certain, more when many are likely.</source>
        <translation>下一个词元的选择有多开放：只有一个确定的词元时为 0 奈特，可能的越多越大。</translation>
    </message>
    <message>
        <source>The unit of information to base e; one nat is 1.44 bits.</source>
        <translation>以 e 为底的信息单位；1 奈特等于 1.44 比特。</translation>
    </message>
    <message>
        <source>The natural logarithm of a token&apos;s probability: 0 is certain, -0.7 is one half, -4.6 is one in a hundred.</source>
        <translation>词元概率的自然对数：0 表示确定，-0.7 是二分之一，-4.6 是百分之一。</translation>
    </message>
    <message>
        <source>The score of a token before scores are turned into probabilities; only differences between them matter.</source>
        <translation>词元在化为概率之前的分数；只有彼此之差有意义。</translation>
    </message>
    <message>
        <source>The place of a token when all are ordered by probability: 1 is the likeliest.</source>
        <translation>所有词元按概率排序时的名次：1 为最可能。</translation>
    </message>
    <message>
        <source>Fine-tuning that leaves the weights as they are and learns two thin matrices beside each of the chosen ones.</source>
        <translation>不改动原有权重的微调：只在选定的每个矩阵旁学习两个细长的矩阵。</translation>
    </message>
    <message>
        <source>How far one step moves the weights along the gradient; too large diverges, too small never arrives.</source>
        <translation>每一步沿梯度移动权重的幅度；过大会发散，过小则到不了。</translation>
    </message>
    <message>
        <source>The first steps, in which the learning rate rises from zero, so that early gradients do no harm.</source>
        <translation>最初的若干步，学习率从零升起，使早期的梯度不致造成损害。</translation>
    </message>
    <message>
        <source>The length of the whole gradient; a sudden rise is the first sign of a training that diverges.</source>
        <translation>整个梯度的长度；突然升高是训练发散的最初迹象。</translation>
    </message>
    <message>
        <source>The examples that one step learns from together.</source>
        <translation>一步中一起学习的样本。</translation>
    </message>
    <message>
        <source>One pass through all training data.</source>
        <translation>把全部训练数据过一遍。</translation>
    </message>
    <message>
        <source>What training makes small: here the mean of minus the log-probability of the right tokens, in nats.</source>
        <translation>训练要减小的量：这里是正确词元的对数概率取负后的平均值，单位为奈特。</translation>
    </message>
    <message>
        <source>Data that is never trained on; only its loss says whether what was learned carries over.</source>
        <translation>从不用于训练的数据；只有它的损失能说明所学能否推广。</translation>
    </message>
    <message>
        <source>Which tokens count in the loss: the question is read, the answer is learned.</source>
        <translation>哪些词元计入损失：问题只读，回答才学。</translation>
    </message>
    <message>
        <source>The state of a run kept on disk, from which it can go on after it was stopped.</source>
        <translation>运行保存在磁盘上的状态，停止后可从此处继续。</translation>
    </message>
    <message>
        <source>What the logits are divided by before a token is drawn: 0 takes the likeliest, 1 draws as the model says, more is wilder.</source>
        <translation>抽取词元前 logit 所除以的数：0 取最可能的，1 按模型的概率抽取，更大则更随意。</translation>
    </message>
    <message>
        <source>Only the k likeliest tokens may be drawn.</source>
        <translation>只允许从最可能的 k 个词元中抽取。</translation>
    </message>
    <message>
        <source>Only the likeliest tokens that together have probability p may be drawn.</source>
        <translation>只允许从概率之和达到 p 的最可能词元中抽取。</translation>
    </message>
    <message>
        <source>Only tokens at least this fraction as likely as the likeliest one may be drawn.</source>
        <translation>只允许抽取概率至少为最可能词元之若干比例的词元。</translation>
    </message>
    <message>
        <source>The number that all random draws follow from: equal settings and seed give equal results.</source>
        <translation>一切随机抽取所依据的数：设置与种子相同，结果就相同。</translation>
    </message>
    <message>
        <source>The piece of text a model reads and writes: a word, a part of one, or a sign.</source>
        <translation>模型读写的文字单位：一个词、词的一部分或一个符号。</translation>
    </message>
    <message>
        <source>The table that cuts text into tokens and puts them together again; each model has its own.</source>
        <translation>把文字切成词元又拼合回去的表；每个模型各有自己的。</translation>
    </message>
    <message>
        <source>A token that stands for no text, such as the start of a turn or the end of an answer.</source>
        <translation>不代表文字的词元，例如一轮的开始或回答的结束。</translation>
    </message>
    <message>
        <source>The tokens a model sees at once; what no longer fits is not known to it.</source>
        <translation>模型一次能看到的词元；放不下的，它就不知道。</translation>
    </message>
    <message>
        <source>How turns are written as one text for the model, with the special tokens it was trained on.</source>
        <translation>怎样把各轮对话写成一段给模型的文字，含其训练时所用的特殊词元。</translation>
    </message>
    <message>
        <source>e to the mean loss a token: as if the model chose among so many equally likely tokens.</source>
        <translation>e 的（每词元平均损失）次方：相当于模型在这么多个同样可能的词元中选择。</translation>
    </message>
    <message>
        <source>The vector of each token that every layer reads and adds to, from embedding to answer.</source>
        <translation>每个词元的向量，从嵌入到回答，每一层都读取它并向它相加。</translation>
    </message>
    <message>
        <source>A part of a layer that decides from which earlier tokens a token takes information.</source>
        <translation>层中的一部分，决定一个词元从哪些先前的词元取得信息。</translation>
    </message>
    <message>
        <source>The vector that a token starts with before any layer.</source>
        <translation>词元在经过任何层之前的初始向量。</translation>
    </message>
    <message>
        <source>One of the equal blocks of attention and MLP that the residual stream passes through.</source>
        <translation>残差流依次通过的相同结构的块之一，由注意力和 MLP 组成。</translation>
    </message>
    <message>
        <source>Which earlier tokens a prediction depends on, by how the result changes with their embeddings.</source>
        <translation>预测依赖于哪些先前的词元，由结果随其嵌入如何变化得出。</translation>
    </message>
    <message>
        <source>Taking one part&apos;s output away and looking at what becomes of the answer: the test of what it is for.</source>
        <translation>去掉某一部分的输出，看回答变成什么：检验它有何作用。</translation>
    </message>
    <message>
        <source>Putting an activation from one run into another; where that moves the answer, the difference sits.</source>
        <translation>把一次运行的激活放入另一次；在哪里改变了回答，差别就在哪里。</translation>
    </message>
    <message>
        <source>What is believed after the data: the prior times how well each value explains them.</source>
        <translation>看过数据之后的信念：先验乘以各个取值对数据的解释程度。</translation>
    </message>
    <message>
        <source>A range made so that, over many repetitions, 95 of 100 such ranges hold the true value.</source>
        <translation>这样构造的区间：多次重复时，100 个中有 95 个包含真值。</translation>
    </message>
    <message>
        <source>Each point is mixed with what was smoothed before it; 0.9 keeps nine tenths of the past.</source>
        <translation>每个点与其前的平滑值相混合；0.9 保留过去的十分之九。</translation>
    </message>
    <message>
        <source>A fingerprint of a file: equal files have equal ones, and no two different files are known to share one.</source>
        <translation>文件的指纹：相同的文件指纹相同，已知没有两个不同的文件共用一个。</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>under base</source>
        <translation>训练前模型下</translation>
    </message>
    <message>
        <source>under taught</source>
        <translation>训练后模型下</translation>
    </message>
    <message>
        <source>Run %1: %2</source>
        <translation>运行 %1：%2</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Base and taught: %1</source>
        <translation>训练前后：%1</translation>
    </message>
    <message>
        <source>Run %1; log probability of each token, greedy answers</source>
        <translation>运行 %1；每个词元的对数概率，贪心回答</translation>
    </message>
    <message>
        <source>base</source>
        <translation>训练前</translation>
    </message>
    <message>
        <source>taught</source>
        <translation>训练后</translation>
    </message>
    <message>
        <source>answer of base, nats</source>
        <translation>训练前的回答，nats</translation>
    </message>
    <message>
        <source>answer of taught, nats</source>
        <translation>训练后的回答，nats</translation>
    </message>
</context>
<context>
    <name>dubito::app</name>
    <message>
        <source>run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>state</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>time left</source>
        <translation>剩余时间</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
</context>
<context>
    <name>dubito::app::ActionRegistry</name>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>No run is selected.</source>
        <translation>没有选择运行。</translation>
    </message>
    <message>
        <source>Not possible now.</source>
        <translation>现在不能执行。</translation>
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
    <message>
        <source>The project still cannot be written: %1</source>
        <translation>项目仍然不能写入：%1</translation>
    </message>
    <message>
        <source>The project&apos;s file was moved or renamed: nothing is written to it.</source>
        <translation>项目文件已被移动或改名：不再向它写入任何内容。</translation>
    </message>
    <message>
        <source>The project&apos;s file is gone: nothing is written to it.</source>
        <translation>项目文件不见了：不再向它写入任何内容。</translation>
    </message>
    <message>
        <source>Another file has taken the place of the project&apos;s: nothing is written to it.</source>
        <translation>另一个文件占据了项目文件的位置：不再向它写入任何内容。</translation>
    </message>
    <message>
        <source>Read-only: the owner has left; the project can be opened for writing now.</source>
        <translation>只读：所有者已离开；现在可以打开项目进行写入。</translation>
    </message>
    <message>
        <source>another program owns the project</source>
        <translation>项目由另一个程序占有</translation>
    </message>
    <message>
        <source>All that it holds can still be copied; once it is closed here, that is over. File: %1</source>
        <translation>其中的全部内容仍可复制；在此关闭后就不能了。文件：%1</translation>
    </message>
    <message>
        <source>The project cannot be written at the moment; what runs record is taken in later: %1</source>
        <translation>项目目前不能写入；运行记录的内容将稍后收入：%1</translation>
    </message>
    <message>
        <source>A copy of the project was saved: %1</source>
        <translation>已保存项目副本：%1</translation>
    </message>
    <message>
        <source>The project&apos;s file is gone; a copy was kept: %1</source>
        <translation>项目文件不见了；已保留一份副本：%1</translation>
    </message>
    <message>
        <source>The project&apos;s file is gone</source>
        <translation>项目文件不见了</translation>
    </message>
    <message>
        <source>Save a copy before it is closed?</source>
        <translation>关闭之前保存一份副本吗？</translation>
    </message>
    <message>
        <source>Save a copy…</source>
        <translation>保存副本…</translation>
    </message>
    <message>
        <source>Close without a copy</source>
        <translation>不保存副本并关闭</translation>
    </message>
    <message>
        <source>Save a copy</source>
        <translation>保存副本</translation>
    </message>
</context>
<context>
    <name>dubito::app::AskCard</name>
    <message>
        <source>Is a whale a fish?</source>
        <translation>鲸是鱼吗？</translation>
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
    <message>
        <source>show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>doubt</source>
        <translation>存疑</translation>
    </message>
    <message>
        <source>layers and doubt</source>
        <translation>各层与存疑</translation>
    </message>
    <message>
        <source>The answer, shaded where the model was unsure</source>
        <translation>回答，模型不确定之处加底色</translation>
    </message>
    <message>
        <source>Also reads the answer once more and shows what every layer would have said</source>
        <translation>另外重读一遍回答，显示每一层会说什么</translation>
    </message>
    <message>
        <source>What is the capital of France?</source>
        <translation>法国的首都是哪里？</translation>
    </message>
    <message>
        <source>What colour is the sky?</source>
        <translation>天空是什么颜色？</translation>
    </message>
</context>
<context>
    <name>dubito::app::Banner</name>
    <message>
        <source>State of the project</source>
        <translation>项目状态</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>Hide this line</source>
        <translation>隐藏此行</translation>
    </message>
</context>
<context>
    <name>dubito::app::CommandPalette</name>
    <message>
        <source>Search anything</source>
        <translation>搜索一切</translation>
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
        <source>actions, runs, metrics   (&gt; actions  @ runs  # metrics  : step or layer)</source>
        <translation>操作、运行、指标   （&gt; 操作  @ 运行  # 指标  : 步或层）</translation>
    </message>
    <message>
        <source>run %1 · %2</source>
        <translation>运行 %1 · %2</translation>
    </message>
    <message>
        <source>Nothing in front has steps.</source>
        <translation>前面的面板没有步。</translation>
    </message>
    <message>
        <source>The last step is %1.</source>
        <translation>最后一步是 %1。</translation>
    </message>
    <message>
        <source>Go to step %1</source>
        <translation>转到第 %1 步</translation>
    </message>
    <message>
        <source>Go to step …</source>
        <translation>转到第 … 步</translation>
    </message>
    <message>
        <source>Go to layer %1</source>
        <translation>转到第 %1 层</translation>
    </message>
    <message>
        <source>Go to layer …</source>
        <translation>转到第 … 层</translation>
    </message>
    <message>
        <source>No run is selected.</source>
        <translation>没有选择运行。</translation>
    </message>
</context>
<context>
    <name>dubito::app::CursorPlayer</name>
    <message>
        <source>One step back</source>
        <translation>后退一步</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>停住</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>%1×</source>
        <translation>%1×</translation>
    </message>
    <message>
        <source>How fast it plays</source>
        <translation>播放速度</translation>
    </message>
    <message>
        <source>Speed: %1</source>
        <translation>速度：%1</translation>
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
    <name>dubito::app::ExportDialog</name>
    <message>
        <source>Export %1</source>
        <translation>导出%1</translation>
    </message>
    <message>
        <source>The figure is too large to be copied.</source>
        <translation>图太大，无法复制。</translation>
    </message>
    <message>
        <source>Copied to the clipboard: %1</source>
        <translation>已复制到剪贴板：%1</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>图</translation>
    </message>
    <message>
        <source>File type</source>
        <translation>文件类型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>分辨率</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message numerus="yes">
        <source>all %n figures</source>
        <translation>
            <numerusform>全部 %n 张图</numerusform>
        </translation>
    </message>
    <message>
        <source>PNG, a picture</source>
        <translation>PNG，位图</translation>
    </message>
    <message>
        <source>SVG, vectors</source>
        <translation>SVG，矢量图</translation>
    </message>
    <message>
        <source>PDF, vectors, a page a figure</source>
        <translation>PDF，矢量图，每图一页</translation>
    </message>
    <message>
        <source>CSV, the points</source>
        <translation>CSV，数据点</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Puts the chosen figure on the clipboard</source>
        <translation>把所选的图放到剪贴板</translation>
    </message>
    <message>
        <source>as on the screen</source>
        <translation>与屏幕上相同</translation>
    </message>
    <message>
        <source>slide, 1280 × 720</source>
        <translation>幻灯片，1280 × 720</translation>
    </message>
    <message>
        <source>column of a paper, 85 mm wide</source>
        <translation>论文单栏，宽 85 毫米</translation>
    </message>
    <message>
        <source>page of a paper, 180 mm wide</source>
        <translation>论文通栏，宽 180 毫米</translation>
    </message>
    <message>
        <source>free</source>
        <translation>自定</translation>
    </message>
    <message>
        <source>96 dots an inch, as on the screen</source>
        <translation>每英寸 96 点，与屏幕相同</translation>
    </message>
    <message>
        <source>192 dots an inch, for dense screens</source>
        <translation>每英寸 192 点，用于高密度屏幕</translation>
    </message>
    <message>
        <source>300 dots an inch, for print</source>
        <translation>每英寸 300 点，用于印刷</translation>
    </message>
    <message>
        <source> px</source>
        <translation> 像素</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>%1 × %2 px, %3 × %4 mm</source>
        <translation>%1 × %2 像素，%3 × %4 毫米</translation>
    </message>
    <message>
        <source>Pictures and tables (*.png *.svg *.pdf *.csv)</source>
        <translation>图片和表格 (*.png *.svg *.pdf *.csv)</translation>
    </message>
    <message>
        <source>A file name is missing.</source>
        <translation>缺少文件名。</translation>
    </message>
    <message>
        <source>Overwrite</source>
        <translation>覆盖</translation>
    </message>
    <message>
        <source>The file is there already: %1</source>
        <translation>文件已经存在：%1</translation>
    </message>
    <message numerus="yes">
        <source>%n of these files are there already.</source>
        <translation>
            <numerusform>其中 %n 个文件已经存在。</numerusform>
        </translation>
    </message>
    <message>
        <source>Exported to %1</source>
        <translation>已导出到 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n figures exported, the first to %1</source>
        <translation>
            <numerusform>已导出 %n 张图，第一张在 %1</numerusform>
        </translation>
    </message>
    <message>
        <source>The picture is too large; a smaller size or resolution can be written.</source>
        <translation>图片太大；可以用较小的尺寸或分辨率写出。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>The file could not be written: %1</source>
        <translation>文件无法写入：%1</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>dubito::app::HistoryDialog</name>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>command line</source>
        <translation>命令行</translation>
    </message>
    <message>
        <source>Also what only changed the view</source>
        <translation>也列出只改变视图的操作</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>复制为命令</translation>
    </message>
    <message>
        <source>Copy all as a script</source>
        <translation>全部复制为脚本</translation>
    </message>
    <message>
        <source>Nothing was done yet.</source>
        <translation>尚未执行任何操作。</translation>
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
        <source>read-only</source>
        <translation>只读</translation>
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
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>What runs, what waits, and in which order</source>
        <translation>正在运行的、等待的，以及顺序</translation>
    </message>
    <message>
        <source>Nothing leaves this machine: the program opens no connection.</source>
        <translation>数据不会离开本机：程序不打开任何连接。</translation>
    </message>
    <message>
        <source>no project open</source>
        <translation>没有打开项目</translation>
    </message>
    <message>
        <source>read-only, %1</source>
        <translation>只读，%1</translation>
    </message>
    <message>
        <source>Language: %1</source>
        <translation>语言：%1</translation>
    </message>
    <message>
        <source>Theme: %1</source>
        <translation>主题：%1</translation>
    </message>
</context>
<context>
    <name>dubito::app::NoticesDialog</name>
    <message>
        <source>Notices</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>notice</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Open the run</source>
        <translation>打开运行</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Clear the list</source>
        <translation>清空列表</translation>
    </message>
    <message>
        <source>Nothing to report.</source>
        <translation>没有要报告的内容。</translation>
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
    <name>dubito::app::OpenFiles</name>
    <message>
        <source>No plugin to talk to a model is installed.</source>
        <translation>没有安装可与模型对话的插件。</translation>
    </message>
    <message>
        <source>%1 cannot be opened here. What can: projects (*.dubito), specifications of runs (*.json), models (*.gguf, *.safetensors, or a folder with config.json).</source>
        <translation>%1 不能在这里打开。可以打开的有：项目 (*.dubito)、运行规格 (*.json)、模型 (*.gguf、*.safetensors，或含 config.json 的文件夹)。</translation>
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
    <message>
        <source>Without this value</source>
        <translation>去掉这个值</translation>
    </message>
    <message>
        <source>Remove this value of %1</source>
        <translation>去掉 %1 的这个值</translation>
    </message>
    <message>
        <source>One more value: a run of each</source>
        <translation>再加一个值：每个值一次运行</translation>
    </message>
    <message>
        <source>One more value of %1</source>
        <translation>为 %1 再加一个值</translation>
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
    <name>dubito::app::Progress</name>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n 个正在运行</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>ETA %1</source>
        <translation>预计还需 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n paused</source>
        <translation>
            <numerusform>%n 个已暂停</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting for you</source>
        <translation>
            <numerusform>%n 个在等待您</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n queued</source>
        <translation>
            <numerusform>%n 个排队</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing running</source>
        <translation>没有运行</translation>
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
    <message>
        <source>Running and waiting</source>
        <translation>运行中与等待中</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
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
    <message>
        <source>Drop a project, a run&apos;s specification, a GGUF or a safetensors file anywhere in this window to open it.</source>
        <translation>将项目、运行规格、GGUF 或 safetensors 文件拖到此窗口任意处即可打开。</translation>
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
    <message>
        <source>Time, as an earlier run of this plugin took: %1</source>
        <translation>时间（按此插件先前一次运行）：%1</translation>
    </message>
    <message>
        <source>Time, as %1 earlier runs of this plugin took: %2 (%3 to %4)</source>
        <translation>时间（按此插件先前 %1 次运行）：%2（%3 至 %4）</translation>
    </message>
    <message>
        <source>%1 of %2 runs were started; the next was refused: %3</source>
        <translation>共 %2 次运行，已启动 %1 次；下一次被拒绝：%3</translation>
    </message>
    <message>
        <source>under a second</source>
        <translation>不到一秒</translation>
    </message>
    <message>
        <source>Run all %1</source>
        <translation>运行全部 %1 次</translation>
    </message>
    <message>
        <source>More than %1 runs: that many can be started at once.</source>
        <translation>超过 %1 次运行：一次最多启动这么多。</translation>
    </message>
    <message numerus="yes">
        <source>%n run(s): one of every combination of values and seeds</source>
        <translation>
            <numerusform>%n 次运行：值与种子的每种组合各一次</numerusform>
        </translation>
    </message>
    <message>
        <source>, about %1 one after another</source>
        <translation>，依次约需 %1</translation>
    </message>
</context>
<context>
    <name>dubito::app::RunPresets</name>
    <message>
        <source>Presets ▾</source>
        <translation>预设 ▾</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Save as preset…</source>
        <translation>另存为预设…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Save as preset</source>
        <translation>另存为预设</translation>
    </message>
    <message>
        <source>Name of these settings</source>
        <translation>这些设置的名称</translation>
    </message>
    <message>
        <source>The preset was not kept: there are too many, or they are too long.</source>
        <translation>预设未保存：数量太多或内容太长。</translation>
    </message>
</context>
<context>
    <name>dubito::app::RunningList</name>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Takes a checkpoint and stops; &quot;Go on&quot; continues from it.</source>
        <translation>保存检查点后停止；按“继续”从那里接着运行。</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>No run is working.</source>
        <translation>没有正在工作的运行。</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Ends the run.</source>
        <translation>结束该运行。</translation>
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
    <message>
        <source>%1 of memory free</source>
        <translation>空闲内存 %1</translation>
    </message>
    <message>
        <source>no GPU found: CPU only</source>
        <translation>未找到 GPU：仅用 CPU</translation>
    </message>
    <message>
        <source>worker starts</source>
        <translation>工作进程可启动</translation>
    </message>
    <message numerus="yes">
        <source>%n plugin(s), all healthy</source>
        <translation>
            <numerusform>%n 个插件，全部正常</numerusform>
        </translation>
    </message>
    <message>
        <source>default model found</source>
        <translation>已找到默认模型</translation>
    </message>
    <message>
        <source>%1 of disk free</source>
        <translation>空闲磁盘 %1</translation>
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
    <message>
        <source>✓ done</source>
        <translation>✓ 已完成</translation>
    </message>
    <message>
        <source>%1 of %2 done</source>
        <translation>已完成 %1 / %2</translation>
    </message>
    <message>
        <source>One line under the answer opens all layers.</source>
        <translation>回答下面的一行会打开所有层。</translation>
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
    <message>
        <source>The layout could not be kept in the project: %1</source>
        <translation>布局未能保存到项目中：%1</translation>
    </message>
</context>
<context>
    <name>dubito::chat::ChatInput</name>
    <message>
        <source>Say</source>
        <translation>说</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Say something</source>
        <translation>说点什么</translation>
    </message>
    <message>
        <source>Your turn</source>
        <translation>轮到您</translation>
    </message>
    <message>
        <source>Ends the answer; what was said stays</source>
        <translation>结束回答；已说的内容保留</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Say anew</source>
        <translation>重新说</translation>
    </message>
    <message>
        <source>Enter says it, Shift+Enter breaks the line</source>
        <translation>Enter 发送，Shift+Enter 换行</translation>
    </message>
    <message>
        <source>Ctrl+Enter says it, Enter breaks the line</source>
        <translation>Ctrl+Enter 发送，Enter 换行</translation>
    </message>
    <message>
        <source>This conversation is closed: its turns stay. Go on takes them into a new chat with the same model.</source>
        <translation>此对话已关闭：各轮保留。“继续”会把它们带入同一模型的新对话。</translation>
    </message>
    <message>
        <source>Editing: the first version stays beside the new one. Esc gives up.</source>
        <translation>正在编辑：原版本与新版本并存。按 Esc 放弃。</translation>
    </message>
    <message>
        <source>Esc stops the answer</source>
        <translation>Esc 停止回答</translation>
    </message>
    <message>
        <source>%1 of %2 tokens</source>
        <translation>%1 / %2 个词元</translation>
    </message>
</context>
<context>
    <name>dubito::chat::ChatList</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Beside</source>
        <translation>并排</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Star</source>
        <translation>星标</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Search in all conversations</source>
        <translation>在所有对话中搜索</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>In a second column beside the one that is shown</source>
        <translation>在第二列中与当前对话并排显示</translation>
    </message>
    <message>
        <source>Into the bin; a model that still runs is stopped. Undo brings it back.</source>
        <translation>移入回收站；仍在运行的模型会停止。撤销可恢复。</translation>
    </message>
    <message>
        <source>%1, starred</source>
        <translation>%1，已加星标</translation>
    </message>
    <message>
        <source>“%1” was not said in this project.</source>
        <translation>本项目中没有说过“%1”。</translation>
    </message>
</context>
<context>
    <name>dubito::chat::ChatPanel</name>
    <message>
        <source>New chat</source>
        <translation>新建对话</translation>
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
    <message>
        <source>Export as Markdown…</source>
        <translation>导出为 Markdown…</translation>
    </message>
    <message>
        <source>Export as a web page (HTML)…</source>
        <translation>导出为网页（HTML）…</translation>
    </message>
    <message>
        <source>Export all versions and tokens (JSONL)…</source>
        <translation>导出所有版本与词元（JSONL）…</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Star on or off</source>
        <translation>加上或去掉星标</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Search in all conversations…</source>
        <translation>在所有对话中搜索…</translation>
    </message>
    <message>
        <source>Enter says it</source>
        <translation>Enter 发送</translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>dubito::chat::ChatTools</name>
    <message>
        <source>model ▾</source>
        <translation>模型 ▾</translation>
    </message>
    <message>
        <source>model %1 ▾</source>
        <translation>模型 %1 ▾</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>对话列表</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>More ▾</source>
        <translation>更多 ▾</translation>
    </message>
    <message>
        <source>Answers as tokens, shaded by doubt; click one to see what else could have been said</source>
        <translation>以词元显示回答，按存疑程度着色；点击词元查看其他可能</translation>
    </message>
    <message>
        <source>Answers as the text they mean: headings, lists, code that can be copied</source>
        <translation>以文本显示回答：标题、列表、可复制的代码</translation>
    </message>
    <message>
        <source>Another model…</source>
        <translation>其他模型…</translation>
    </message>
    <message>
        <source>All conversations of this project, and what was said in them</source>
        <translation>本项目的所有对话及其内容</translation>
    </message>
    <message>
        <source>With the packaged model; another one by the arrow of “model”</source>
        <translation>使用自带模型；其他模型请用“模型”的箭头</translation>
    </message>
    <message>
        <source>More of the chat</source>
        <translation>对话的更多操作</translation>
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
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>at most </source>
        <translation>最多 </translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 个词元</translation>
    </message>
    <message>
        <source>Longest answer, tokens</source>
        <translation>最长回答（词元）</translation>
    </message>
    <message>
        <source>greedy</source>
        <translation>贪心</translation>
    </message>
    <message>
        <source>temperature %1</source>
        <translation>温度 %1</translation>
    </message>
    <message>
        <source>sampling %1 ▾</source>
        <translation>采样 %1 ▾</translation>
    </message>
    <message>
        <source>Sampling: %1, at most %2 tokens</source>
        <translation>采样：%1，最多 %2 个词元</translation>
    </message>
    <message>
        <source>Model: %1</source>
        <translation>模型：%1</translation>
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
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this column</source>
        <translation>关闭此列</translation>
    </message>
</context>
<context>
    <name>dubito::chat::MarkdownView</name>
    <message>
        <source>picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>A link in the answer</source>
        <translation>回答中的链接</translation>
    </message>
    <message>
        <source>The model wrote this address. Nothing is known of what is there.</source>
        <translation>此地址由模型写出，其内容未知。</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Open in the browser</source>
        <translation>在浏览器中打开</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation>复制代码</translation>
    </message>
</context>
<context>
    <name>dubito::chat::OtherBranch</name>
    <message>
        <source>Go there</source>
        <translation>转到</translation>
    </message>
    <message>
        <source>Beside this one</source>
        <translation>并排显示</translation>
    </message>
    <message>
        <source>Shows this version; the other stays</source>
        <translation>显示此版本；另一个保留</translation>
    </message>
    <message>
        <source>Shows this version in a second column</source>
        <translation>在第二列显示此版本</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>version</comment>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1, from %2</source>
        <translation>%1，从 %2 起</translation>
    </message>
    <message>
        <source>Go to version %1</source>
        <translation>转到第 %1 个版本</translation>
    </message>
    <message>
        <source>Show version %1 beside this one</source>
        <translation>并排显示第 %1 个版本</translation>
    </message>
</context>
<context>
    <name>dubito::chat::PendingTurn</name>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>What you said</source>
        <translation>你的发言</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>%1 waits for its turn on this machine.</source>
        <translation>%1 正在等待本机空闲。</translation>
    </message>
    <message>
        <source>%1 is loaded. Say something.</source>
        <translation>%1 已加载。说点什么吧。</translation>
    </message>
    <message>
        <source>%1 is being loaded: %2 %</source>
        <translation>正在加载 %1：%2 %</translation>
    </message>
    <message>
        <source>%1 is being loaded…</source>
        <translation>正在加载 %1…</translation>
    </message>
</context>
<context>
    <name>dubito::chat::PromptDialog</name>
    <message>
        <source>Rendered prompt</source>
        <translation>渲染后的提示</translation>
    </message>
    <message>
        <source>%1 of %2 tokens of context</source>
        <translation>上下文 %1 / %2 个词元</translation>
    </message>
</context>
<context>
    <name>dubito::chat::TokenCard</name>
    <message>
        <source>the model&apos;s own distribution</source>
        <translation>模型自身的分布</translation>
    </message>
    <message>
        <source>Instead of %1</source>
        <translation>%1 的其他可能</translation>
    </message>
    <message>
        <source>probability of %1</source>
        <translation>%1 的概率</translation>
    </message>
    <message>
        <source>said</source>
        <translation>已说</translation>
    </message>
    <message>
        <source>say this</source>
        <translation>改说这个</translation>
    </message>
    <message>
        <source>Say %1 here; both answers stay</source>
        <translation>在此改说 %1；两个回答都保留</translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>读取中…</translation>
    </message>
    <message>
        <source>No alternatives were kept with this token.</source>
        <translation>该词元没有保留候选。</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>these hold %1 of the mass</source>
        <translation>占概率 %1</translation>
    </message>
    <message>
        <source>entropy %1 nats</source>
        <translation>熵 %1 nats</translation>
    </message>
    <message>
        <source>given by the branch</source>
        <translation>由分支给定</translation>
    </message>
    <message>
        <source>fewer</source>
        <translation>收起</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>还有 %n 个</numerusform>
        </translation>
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
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>What you said</source>
        <translation>你的发言</translation>
    </message>
    <message>
        <source>The words of this turn</source>
        <translation>本轮的文字</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>The conversation is closed; a branch needs a running model.</source>
        <translation>对话已关闭；分支需要运行中的模型。</translation>
    </message>
    <message numerus="yes">
        <source>Answer of %n token(s); arrow keys walk them</source>
        <translation>
            <numerusform>%n 个词元的回答；用方向键逐个查看</numerusform>
        </translation>
    </message>
    <message>
        <source>token %1 of %2: “%3”</source>
        <translation>第 %1 / %2 个词元：“%3”</translation>
    </message>
    <message>
        <source>%1, probability %2</source>
        <translation>%1，概率 %2</translation>
    </message>
    <message>
        <source>What did layer %1 think here?</source>
        <translation>第 %1 层在这里想什么？</translation>
    </message>
    <message>
        <source>What did the layers think here?</source>
        <translation>各层在这里想什么？</translation>
    </message>
    <message>
        <source>Reads this very answer once more and shows what every layer would have said</source>
        <translation>重新读取这一回答，显示每一层会说什么</translation>
    </message>
</context>
<context>
    <name>dubito::curves::ChartCard</name>
    <message>
        <source>time since start</source>
        <translation>自开始的时间</translation>
    </message>
    <message>
        <source>clock</source>
        <translation>时钟</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n 个运行</numerusform>
        </translation>
    </message>
    <message>
        <source>1 point</source>
        <translation>1 个点</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 个点</translation>
    </message>
    <message>
        <source>smoothed %1 per point, raw as ghost</source>
        <translation>每点平滑 %1，原始线为淡影</translation>
    </message>
    <message>
        <source>values at or below 0 are not drawn</source>
        <translation>不大于 0 的值未绘制</translation>
    </message>
    <message>
        <source>no count of tokens</source>
        <translation>没有词元计数</translation>
    </message>
    <message>
        <source>checkpoint</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>Runs: %1</source>
        <translation>运行：%1</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Part of the %1 axis</source>
        <translation>%1轴的一部分</translation>
    </message>
    <message>
        <source>x: %1</source>
        <translation>横轴：%1</translation>
    </message>
    <message numerus="yes">
        <source>median of %n run(s)</source>
        <translation>
            <numerusform>%n 次运行的中位数</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>median of %n run(s), bands 25–75 and 5–95 %</source>
        <translation>
            <numerusform>%n 次运行的中位数，带为 25–75 与 5–95 %</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) as lines</source>
        <translation>
            <numerusform>另有 %n 次运行画成线</numerusform>
        </translation>
    </message>
    <message>
        <source>mean</source>
        <translation>均值</translation>
    </message>
    <message>
        <source>median</source>
        <translation>中位数</translation>
    </message>
    <message>
        <source>interquartile mean</source>
        <translation>四分位均值</translation>
    </message>
    <message>
        <source>%1 over %2 seeds, 95 % bootstrap</source>
        <translation>%2 个种子的%1，95 % 自助区间</translation>
    </message>
    <message numerus="yes">
        <source>%n configuration(s)</source>
        <translation>
            <numerusform>%n 个配置</numerusform>
        </translation>
    </message>
    <message>
        <source>smoothed %1 per point</source>
        <translation>每点平滑 %1</translation>
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
    <message>
        <source>Curves: the first %1 rows; export writes every point</source>
        <translation>曲线：前 %1 行；导出会写出每个点</translation>
    </message>
    <message>
        <source>Curves as drawn, several points a row; export writes every point</source>
        <translation>所绘曲线，一行含多个点；导出会写出每个点</translation>
    </message>
    <message>
        <source>x</source>
        <translation>横轴</translation>
    </message>
    <message>
        <source>axes</source>
        <translation>坐标轴</translation>
    </message>
    <message>
        <source>Shared x</source>
        <translation>共用横轴</translation>
    </message>
    <message>
        <source>Metrics</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Key: /</source>
        <translation>按键：/</translation>
    </message>
    <message>
        <source>elapsed</source>
        <translation>已用时间</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>线性</translation>
    </message>
    <message>
        <source>log y</source>
        <translation>对数 y</translation>
    </message>
    <message>
        <source>log x</source>
        <translation>对数 x</translation>
    </message>
    <message>
        <source>log both</source>
        <translation>双对数</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>%1 per point</source>
        <translation>每点 %1</translation>
    </message>
    <message>
        <source>Zoom and pan all charts together.</source>
        <translation>所有图一起缩放和平移。</translation>
    </message>
    <message>
        <source>The metrics as a tree.</source>
        <translation>以树形显示指标。</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>No metric lies in the chosen part of the tree.</source>
        <translation>树中所选部分没有指标。</translation>
    </message>
    <message>
        <source>%1, last</source>
        <translation>%1，最后值</translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <translation>%1，在 %2</translation>
    </message>
    <message>
        <source>More than %1 runs cannot be told apart: the first %2 are lines, bands stand for the %3.</source>
        <translation>超过 %1 次运行无法分辨：前 %2 次画成线，带代表全部 %3 次。</translation>
    </message>
    <message>
        <source>%1 of %2 runs are in the bands.</source>
        <translation>带中包含 %2 次运行里的 %1 次。</translation>
    </message>
    <message>
        <source>group</source>
        <translation>分组</translation>
    </message>
    <message>
        <source>Each seed</source>
        <translation>各种子</translation>
    </message>
    <message>
        <source>%1 of %2 configurations are drawn.</source>
        <translation>共 %2 个配置，画出 %1 个。</translation>
    </message>
    <message>
        <source>%1 of %2 runs are in the groups.</source>
        <translation>共 %2 次运行，分组中有 %1 次。</translation>
    </message>
    <message numerus="yes">
        <source>%n configuration(s)</source>
        <translation>
            <numerusform>%n 个配置</numerusform>
        </translation>
    </message>
    <message>
        <source>Curves over seeds; export writes every point</source>
        <translation>按种子合并的曲线；导出会写出每个点</translation>
    </message>
    <message>
        <source>configuration</source>
        <translation>配置</translation>
    </message>
    <message>
        <source>95 % from</source>
        <translation>95 % 下限</translation>
    </message>
    <message>
        <source>95 % to</source>
        <translation>95 % 上限</translation>
    </message>
    <message>
        <source>seeds</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>seeds, mean</source>
        <translation>种子，均值</translation>
    </message>
    <message>
        <source>seeds, IQM</source>
        <translation>种子，四分位均值</translation>
    </message>
    <message>
        <source>One line for all seeds of a configuration: their median, mean or interquartile mean (IQM), with a 95 % bootstrap over those that reach a place.</source>
        <translation>同一配置的所有种子合为一条线：中位数、均值或四分位均值（IQM），并以到达该处的种子作 95 % 自助区间。</translation>
    </message>
    <message>
        <source>The line of each seed too, thin.</source>
        <translation>同时以细线画出每个种子。</translation>
    </message>
</context>
<context>
    <name>dubito::curves::LegendEntry</name>
    <message>
        <source>%1
A click hides the run, or shows it again; Ctrl+click shows it alone.</source>
        <translation>%1
点击隐藏或重新显示该运行；Ctrl+点击只显示它。</translation>
    </message>
</context>
<context>
    <name>dubito::curves::MetricTree</name>
    <message>
        <source>Metrics by name</source>
        <translation>按名称排列的指标</translation>
    </message>
    <message numerus="yes">
        <source>All %n metric(s)</source>
        <translation>
            <numerusform>全部 %n 个指标</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more: filter</source>
        <translation>
            <numerusform>还有 %n 个：请筛选</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::curves::RunLegend</name>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>图例</translation>
    </message>
    <message>
        <source>Show all runs</source>
        <translation>显示所有运行</translation>
    </message>
    <message>
        <source>Hide all runs</source>
        <translation>隐藏所有运行</translation>
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
    <message numerus="yes">
        <source>the first %n record(s)</source>
        <translation>
            <numerusform>前 %n 条记录</numerusform>
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
    <message>
        <source>1, shaded by square root</source>
        <translation>1，按平方根着色</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>head</source>
        <translation>注意力头</translation>
    </message>
    <message>
        <source>; the last %1 of %2 places</source>
        <translation>；%2 个位置中的最后 %1 个</translation>
    </message>
    <message>
        <source>place that is looked at</source>
        <translation>被看的位置</translation>
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
    <message>
        <source>patched</source>
        <translation>修补</translation>
    </message>
    <message>
        <source>set to its mean</source>
        <translation>设为均值</translation>
    </message>
    <message>
        <source>set to zero</source>
        <translation>设为零</translation>
    </message>
    <message>
        <source>heads</source>
        <translation>注意力头</translation>
    </message>
    <message>
        <source>MLPs</source>
        <translation>MLP</translation>
    </message>
    <message>
        <source>residual stream</source>
        <translation>残差流</translation>
    </message>
    <message>
        <source>place in the prompt</source>
        <translation>提示中的位置</translation>
    </message>
    <message>
        <source>+1: all of it is back</source>
        <translation>+1：全部恢复</translation>
    </message>
    <message>
        <source>+1 (−1: the lead is gone)</source>
        <translation>+1（−1：优势消失）</translation>
    </message>
    <message>
        <source>clipped; the largest is %1</source>
        <translation>已截断；最大为 %1</translation>
    </message>
    <message>
        <source>difference %1 here, %2 under the other prompt</source>
        <translation>此处差为 %1，另一提示下为 %2</translation>
    </message>
    <message>
        <source>difference %1 unchanged</source>
        <translation>未改动时差为 %1</translation>
    </message>
    <message>
        <source>“%1” against “%2” · %3</source>
        <translation>“%1”对“%2” · %3</translation>
    </message>
    <message>
        <source>%1: %2 %3</source>
        <translation>%1：%2 %3</translation>
    </message>
    <message>
        <source>name</source>
        <translation>名称</translation>
    </message>
</context>
<context>
    <name>dubito::inspector::CellCard</name>
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
        <source>The run&apos;s worker has ended. Open a live session to try this.</source>
        <translation>此运行的工作进程已结束。打开实时会话后可试。</translation>
    </message>
    <message>
        <source>No cell is selected.</source>
        <translation>未选中任何单元格。</translation>
    </message>
    <message>
        <source>Say “%1”</source>
        <translation>改说“%1”</translation>
    </message>
    <message>
        <source>%1 nats</source>
        <translation>%1 奈特</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>said</source>
        <translation>已说</translation>
    </message>
    <message>
        <source>say this</source>
        <translation>改说这个</translation>
    </message>
    <message>
        <source>The text goes on from this word instead, as a text of its own</source>
        <translation>文本改从此词继续，成为单独的一条</translation>
    </message>
</context>
<context>
    <name>dubito::inspector::Figures</name>
    <message>
        <source>run %1 · model %2 · prompt “%3”</source>
        <translation>运行 %1 · 模型 %2 · 提示“%3”</translation>
    </message>
    <message>
        <source>“%1” → “%2”, position %3</source>
        <translation>“%1” → “%2”，位置 %3</translation>
    </message>
    <message>
        <source>position %1</source>
        <translation>位置 %1</translation>
    </message>
    <message>
        <source>What each layer would say next</source>
        <translation>每一层接下来会说什么</translation>
    </message>
    <message>
        <source>colour: %1 · words: the layer&apos;s first candidate · read-out raw, unadjusted · layers upwards, tokens to the right</source>
        <translation>颜色：%1 · 文字：该层的首选 · 读出为原始、未调整 · 层自下而上，词元自左而右</translation>
    </message>
    <message>
        <source>positions %1 to %2 of %3</source>
        <translation>位置 %1 至 %2，共至 %3</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>rank, 1 is best</source>
        <translation>名次，1 为最佳</translation>
    </message>
    <message>
        <source>Rank over layers: %1</source>
        <translation>各层的名次：%1</translation>
    </message>
    <message>
        <source>rank among %1 tokens, logarithmic; watched tokens where they are among the %2 stored candidates · read-out raw, unadjusted · dashed: layer %3</source>
        <translation>在 %1 个词元中的名次，对数刻度；所关注的词元仅在保存的 %2 个候选之内时画出 · 读出为原始、未调整 · 虚线：第 %3 层</translation>
    </message>
    <message>
        <source>What spoke for the token: %1</source>
        <translation>什么促成了这个词元：%1</translation>
    </message>
    <message>
        <source>share in the logit of what follows, the %1 largest of %2 · bars by square root, so that one does not flatten the others</source>
        <translation>对后续词元 logit 的份额，%2 个中最大的 %1 个 · 条长按平方根，以免一个压平其余</translation>
    </message>
    <message>
        <source>attention weight, shaded by square root</source>
        <translation>注意力权重，按平方根着色</translation>
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
        <source>%1 of %2</source>
        <translation>第 %1 层，共 %2 层</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
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
    <message>
        <source>The test is asked for; it begins as soon as the worker is free.</source>
        <translation>已请求检验；工作进程空闲后即开始。</translation>
    </message>
    <message>
        <source>A causal test runs: %1 % (%2 of %3 cells)</source>
        <translation>因果检验进行中：%1 %（%2 / %3 格）</translation>
    </message>
    <message>
        <source>Not done: %1</source>
        <translation>未执行：%1</translation>
    </message>
    <message>
        <source>text %1</source>
        <translation>文本 %1</translation>
    </message>
    <message>
        <source>with “%1”: %2</source>
        <translation>用“%1”：%2</translation>
    </message>
    <message>
        <source>Patch from another text</source>
        <translation>用另一文本修补</translation>
    </message>
    <message>
        <source>Write another text of equally many tokens (%1) that leads to another word after “%2”. Each place is then set to what it holds under the other text, one at a time.</source>
        <translation>写一段词元数相同（%1 个）、使“%2”之后出现另一个词的文本。随后每个位置依次被设为它在另一文本下的值。</translation>
    </message>
    <message>
        <source>The other text</source>
        <translation>另一文本</translation>
    </message>
    <message>
        <source>Test it</source>
        <translation>检验</translation>
    </message>
    <message>
        <source>run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>No attribution was captured in this run.</source>
        <translation>此运行未采集归因。</translation>
    </message>
    <message>
        <source>Share of each part in the logit of what follows, the largest 40 of %1; bars by square root, so that one large share does not flatten the others.</source>
        <translation>各部分对后续词元 logit 的份额，%1 个中最大的 40 个；条长按平方根，以免一个大份额压平其余。</translation>
    </message>
    <message>
        <source>The model is being loaded and reads the text; its layers appear here.</source>
        <translation>模型正在载入并读取文本；各层将显示在这里。</translation>
    </message>
    <message>
        <source>raw, unadjusted</source>
        <translation>原始，未校正</translation>
    </message>
    <message>
        <source>The text is being read: %1 of %2 tokens. The chosen one comes at %3.</source>
        <translation>正在读取文本：%1 / %2 个词元。所选词元是第 %3 个。</translation>
    </message>
    <message>
        <source>being read: %1 of %2 tokens · </source>
        <translation>正在读取：%1 / %2 个词元 · </translation>
    </message>
    <message>
        <source>Nothing is read out so far; the cell comes here.</source>
        <translation>尚未读出任何内容；单元格会显示在这里。</translation>
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
    <message numerus="yes">
        <source>◀ %n earlier token(s)</source>
        <translation>
            <numerusform>◀ 之前还有 %n 个词元</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n later token(s) ▶</source>
        <translation>
            <numerusform>之后还有 %n 个词元 ▶</numerusform>
        </translation>
    </message>
    <message>
        <source>layer %1, “%2”, next “%3”: %4</source>
        <translation>第 %1 层，“%2”，其后“%3”：%4</translation>
    </message>
    <message>
        <source>; would say “%1” with p = %2</source>
        <translation>；会说“%1”，p = %2</translation>
    </message>
    <message>
        <source>entropy %1</source>
        <translation>熵 %1</translation>
    </message>
    <message>
        <source>cross-entropy %1</source>
        <translation>交叉熵 %1</translation>
    </message>
    <message>
        <source>KL %1</source>
        <translation>KL %1</translation>
    </message>
    <message>
        <source>rank %1</source>
        <translation>第 %1 名</translation>
    </message>
    <message>
        <source>agrees %1</source>
        <translation>一致 %1</translation>
    </message>
    <message>
        <source>worse −%1</source>
        <translation>更差 −%1</translation>
    </message>
    <message>
        <source>better +%1, log10 of the rank</source>
        <translation>更好 +%1，名次的 log10</translation>
    </message>
    <message>
        <source>rank 1</source>
        <translation>第 1 名</translation>
    </message>
    <message>
        <source>differs</source>
        <translation>不一致</translation>
    </message>
    <message>
        <source>agrees</source>
        <translation>一致</translation>
    </message>
    <message>
        <source>%1 nats</source>
        <translation>%1 奈特</translation>
    </message>
    <message>
        <source>%1 nats (uniform %2)</source>
        <translation>%1 奈特（均匀分布为 %2）</translation>
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
        <source>watched tokens are drawn where they are among the %1 stored candidates</source>
        <translation>关注的词元只在其进入所存 %1 个候选处绘出</translation>
    </message>
    <message>
        <source>not among the %1 candidates at this position</source>
        <translation>不在此位置的 %1 个候选之中</translation>
    </message>
    <message>
        <source>%1 (said)</source>
        <translation>%1（已说）</translation>
    </message>
</context>
<context>
    <name>dubito::kit::BarList</name>
    <message>
        <source>Bars</source>
        <translation>条形</translation>
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
    <message>
        <source>All points…</source>
        <translation>全部数据点…</translation>
    </message>
    <message>
        <source>The points themselves, not what the screen reduced them to</source>
        <translation>数据点本身，而非屏幕上抽减后的值</translation>
    </message>
    <message>
        <source>The file could not be written: %1</source>
        <translation>文件无法写入：%1</translation>
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
    <name>dubito::kit::PlotOverlay</name>
    <message>
        <source>%1: no value</source>
        <translation>%1：无值</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message numerus="yes">
        <source>%n more in the legend</source>
        <translation>
            <numerusform>图例中还有 %n 个</numerusform>
        </translation>
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
    <message>
        <source>position %1: learned</source>
        <translation>位置 %1：学习</translation>
    </message>
    <message>
        <source>position %1: read, not learned</source>
        <translation>位置 %1：只读取，不学习</translation>
    </message>
    <message>
        <source>position %1: cut off</source>
        <translation>位置 %1：截去</translation>
    </message>
    <message>
        <source>look at it</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::DataPanel</name>
    <message>
        <source>Who are you?</source>
        <translation>你是谁？</translation>
    </message>
    <message>
        <source>I am a small model that was taught in a minute.</source>
        <translation>我是一分钟教会的小模型。</translation>
    </message>
    <message>
        <source>What is Dubito?</source>
        <translation>Dubito 是什么？</translation>
    </message>
    <message>
        <source>A workbench for people who doubt what models say.</source>
        <translation>怀疑者的工作台。</translation>
    </message>
    <message>
        <source>What does a shaded word mean?</source>
        <translation>词的底色是什么意思？</translation>
    </message>
    <message>
        <source>I was not sure of it: the darker, the less sure.</source>
        <translation>颜色越深，我越没把握。</translation>
    </message>
    <message>
        <source>How were you taught?</source>
        <translation>你是怎么学的？</translation>
    </message>
    <message>
        <source>With five short examples, on this very computer.</source>
        <translation>用五个短例子，就在这台电脑上。</translation>
    </message>
    <message>
        <source>What should I do with your answers?</source>
        <translation>我该怎样对待你的回答？</translation>
    </message>
    <message>
        <source>Doubt them first, then look inside.</source>
        <translation>先怀疑，再看里面。</translation>
    </message>
    <message>
        <source>show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Add a row</source>
        <translation>添加一行</translation>
    </message>
    <message>
        <source>Show what is learned</source>
        <translation>显示会学习的部分</translation>
    </message>
    <message>
        <source>Teach</source>
        <translation>开始教学</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>行</translation>
    </message>
    <message>
        <source>without target</source>
        <translation>无目标</translation>
    </message>
    <message>
        <source>cut</source>
        <translation>被截断</translation>
    </message>
    <message>
        <source>repeated</source>
        <translation>重复</translation>
    </message>
    <message>
        <source>shared with held-out</source>
        <translation>与留出集相同</translation>
    </message>
    <message>
        <source>examples to teach</source>
        <translation>要教的示例</translation>
    </message>
    <message>
        <source>rows of the run</source>
        <translation>该运行的行</translation>
    </message>
    <message>
        <source>Rows to show</source>
        <translation>显示哪些行</translation>
    </message>
    <message>
        <source>Fine-tunes the model that came with the program on these rows; about a minute.</source>
        <translation>用这些行微调随程序附带的模型，约一分钟。</translation>
    </message>
    <message>
        <source>Cuts the rows by the model&apos;s own tokenizer and template.</source>
        <translation>用模型自己的分词器和模板切分这些行。</translation>
    </message>
    <message>
        <source>learned</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>read, not learned</source>
        <translation>只读取，不学习</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>截去</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>%1 of %2 rows; at most %3 tokens a row</source>
        <translation>共 %2 行，显示 %1 行；每行至多 %3 个词元</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s) are learned</source>
        <translation>
            <numerusform>学习 %n 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>counted in the first %1</source>
        <translation>按前 %1 行统计</translation>
    </message>
    <message>
        <source>%1 more are held out</source>
        <translation>另有 %1 行留出</translation>
    </message>
    <message>
        <source>The rows are being cut into tokens…</source>
        <translation>正在把各行切分为词元…</translation>
    </message>
    <message>
        <source>Edit the rows, then press Teach.</source>
        <translation>编辑这些行，然后按“开始教学”。</translation>
    </message>
    <message>
        <source>There is nothing to learn: a row needs a question and an answer.</source>
        <translation>没有可学的内容：一行需要一个问题和一个回答。</translation>
    </message>
    <message>
        <source>lesson</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>rows as the run used them</source>
        <translation>运行实际使用的行</translation>
    </message>
    <message numerus="yes">
        <source>%n example(s) of your own</source>
        <translation>
            <numerusform>%n 个自己的示例</numerusform>
        </translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>row</source>
        <translation>行</translation>
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
        <source>mask</source>
        <translation>掩码</translation>
    </message>
    <message>
        <source>Helper: examples cut into tokens</source>
        <translation>辅助会话：把示例切成词元</translation>
    </message>
    <message>
        <source>Look at a file…</source>
        <translation>查看文件…</translation>
    </message>
    <message>
        <source>Train on these rows…</source>
        <translation>用这些行训练…</translation>
    </message>
    <message>
        <source>rows of a file</source>
        <translation>文件中的行</translation>
    </message>
    <message>
        <source>Its rows as tokens with what is learned, and what is wrong with them, before anything is trained.</source>
        <translation>在训练之前，以词元显示文件的各行、会学习的部分以及其中的问题。</translation>
    </message>
    <message>
        <source>Training text</source>
        <translation>训练文本</translation>
    </message>
    <message>
        <source>Training text (*.jsonl *.json *.txt *.gz *.zst);;All files (*)</source>
        <translation>训练文本 (*.jsonl *.json *.txt *.gz *.zst);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Train all the same…</source>
        <translation>仍然训练…</translation>
    </message>
    <message>
        <source>Nothing would be learned from any of these rows.</source>
        <translation>从这些行中什么也学不到。</translation>
    </message>
    <message>
        <source>Nothing would be learned from %1 % of these rows. Is that meant?</source>
        <translation>其中 %1 % 的行什么也学不到。这是有意的吗？</translation>
    </message>
    <message>
        <source>%1, before anything is trained</source>
        <translation>%1，训练之前</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::Figures</name>
    <message numerus="yes">
        <source>%1: last %2, %n point(s)</source>
        <translation>
            <numerusform>%1：最后 %2，%n 个点</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2 (%3 nats under base, %4 under taught)</source>
        <translation>%1：%2（训练前模型下 %3 nats，训练后模型下 %4）</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::FileRows</name>
    <message>
        <source>This project is open read-only: nothing can be run in it.</source>
        <translation>此项目以只读方式打开：无法在其中运行任何内容。</translation>
    </message>
    <message>
        <source>Helper: rows of a file cut into tokens</source>
        <translation>辅助：把文件的行切成词元</translation>
    </message>
    <message>
        <source>The file could not be given to a worker.</source>
        <translation>无法把该文件交给工作进程。</translation>
    </message>
    <message>
        <source>No row could be read.</source>
        <translation>没有读到任何行。</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::ItemsPanel</name>
    <message>
        <source>show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>set</source>
        <translation>集合</translation>
    </message>
    <message>
        <source>at</source>
        <translation>位于</translation>
    </message>
    <message>
        <source>worst</source>
        <translation>最差</translation>
    </message>
    <message>
        <source>best</source>
        <translation>最好</translation>
    </message>
    <message>
        <source>most changed</source>
        <translation>变化最大</translation>
    </message>
    <message>
        <source>Items to show first</source>
        <translation>先显示哪些条目</translation>
    </message>
    <message>
        <source>Held-out set</source>
        <translation>留出集</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>Held-out items</source>
        <translation>留出条目</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select a fine-tune to see what it thinks of each held-out item.</source>
        <translation>选择一个微调运行，查看它对每个留出条目的看法。</translation>
    </message>
    <message>
        <source>This run has no held-out items. A fine-tune has them with a held-out share or held-out files.</source>
        <translation>此运行没有留出条目。设置留出比例或留出文件的微调才有。</translation>
    </message>
    <message>
        <source>held-out share</source>
        <translation>留出部分</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>base</source>
        <translation>基础模型</translation>
    </message>
    <message>
        <source>change</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>Inspect</source>
        <translation>检视</translation>
    </message>
    <message>
        <source>%1
Right answer: %2</source>
        <translation>%1
正确答案：%2</translation>
    </message>
    <message>
        <source>nats a token of the right answer</source>
        <translation>正确答案每词元的 nats</translation>
    </message>
    <message>
        <source>%1 of %2 items are worse than the base, %3 better</source>
        <translation>%2 个条目中 %1 个比基础模型差，%3 个更好</translation>
    </message>
    <message>
        <source>before the first step</source>
        <translation>第一步之前</translation>
    </message>
    <message>
        <source>the checkpoint of this step was replaced by a newer one</source>
        <translation>这一步的检查点已被更新的取代</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n held out</source>
        <translation>
            <numerusform>%1，留出 %n 条</numerusform>
        </translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>nats a token</source>
        <translation>每词元 nats</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Items</source>
        <translation>条目</translation>
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
    <message>
        <source>What is read of the model</source>
        <translation>从模型中读取的内容</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::RowList</name>
    <message>
        <source>Tokens of row %1</source>
        <translation>第 %1 行的词元</translation>
    </message>
    <message>
        <source>Question %1</source>
        <translation>问题 %1</translation>
    </message>
    <message>
        <source>a question</source>
        <translation>一个问题</translation>
    </message>
    <message>
        <source>Answer %1</source>
        <translation>回答 %1</translation>
    </message>
    <message>
        <source>the answer that it learns</source>
        <translation>它要学的回答</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Remove row %1</source>
        <translation>删除第 %1 行</translation>
    </message>
</context>
<context>
    <name>dubito::lmview::TaughtPanel</name>
    <message>
        <source>Ask both</source>
        <translation>向两者提问</translation>
    </message>
    <message>
        <source>question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>the same question to both</source>
        <translation>向两者提出同一个问题</translation>
    </message>
    <message>
        <source>Question to both</source>
        <translation>向两者提出的问题</translation>
    </message>
    <message>
        <source>Questions asked before</source>
        <translation>问过的问题</translation>
    </message>
    <message>
        <source>Answer: %1</source>
        <translation>回答：%1</translation>
    </message>
    <message>
        <source>base</source>
        <translation>训练前</translation>
    </message>
    <message>
        <source>taught</source>
        <translation>训练后</translation>
    </message>
    <message>
        <source>log probability, nats</source>
        <translation>对数概率，奈特</translation>
    </message>
    <message>
        <source>under base</source>
        <translation>训练前模型下</translation>
    </message>
    <message>
        <source>under taught</source>
        <translation>训练后模型下</translation>
    </message>
    <message>
        <source>difference</source>
        <translation>差</translation>
    </message>
    <message>
        <source>answer of base</source>
        <translation>训练前的回答</translation>
    </message>
    <message>
        <source>answer of taught</source>
        <translation>训练后的回答</translation>
    </message>
    <message>
        <source>0.000 in both rows would say that the two are one model</source>
        <translation>两行都是 0.000 则表示两者是同一个模型</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>Select a fine-tune to ask it and its base the same question.</source>
        <translation>选择一次微调，即可向它和原模型提出同一个问题。</translation>
    </message>
    <message>
        <source>Teach it something</source>
        <translation>教它一点东西</translation>
    </message>
    <message>
        <source>This run trained nothing.</source>
        <translation>这次运行没有训练任何东西。</translation>
    </message>
    <message>
        <source>This run left no checkpoint to ask.</source>
        <translation>这次运行没有留下可提问的检查点。</translation>
    </message>
    <message>
        <source>It is being taught. Once it has a checkpoint, ask both here.</source>
        <translation>正在教学。有了检查点之后可在此向两者提问。</translation>
    </message>
    <message>
        <source>Both models are answering…</source>
        <translation>两个模型正在回答…</translation>
    </message>
    <message>
        <source>It was taught further since: ask again to hear step %1.</source>
        <translation>此后又学了一些：再问一次即可听到第 %1 步的回答。</translation>
    </message>
    <message>
        <source>Ask one of the questions it was taught, or any other.</source>
        <translation>问一个教过的问题，或任何其他问题。</translation>
    </message>
    <message>
        <source>You: %1</source>
        <translation>你：%1</translation>
    </message>
    <message>
        <source>taught, step %1</source>
        <translation>训练后，第 %1 步</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · %2 tokens/s</source>
        <translation>%1 · %2 词元/秒</translation>
    </message>
    <message>
        <source>the same question, greedy</source>
        <translation>同一个问题，贪心回答</translation>
    </message>
    <message>
        <source>Base and taught</source>
        <translation>训练前后</translation>
    </message>
    <message>
        <source>answer of</source>
        <translation>回答者</translation>
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
        <source>Helper: %1 beside its base</source>
        <translation>辅助会话：%1 与训练前对照</translation>
    </message>
    <message>
        <source>SHA-256 of the files: of the model, and of what was taught</source>
        <translation>文件的 SHA-256：模型的，以及所教内容的</translation>
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
    <message>
        <source>Line: %1</source>
        <translation>曲线：%1</translation>
    </message>
    <message>
        <source>loss, nats a token</source>
        <translation>损失，奈特/词元</translation>
    </message>
    <message>
        <source>Select a fine-tuning run, or teach a model a few examples: it takes about a minute.</source>
        <translation>选择一次微调运行，或教模型几个示例：约需一分钟。</translation>
    </message>
    <message>
        <source>Teach it something</source>
        <translation>教它一点东西</translation>
    </message>
    <message>
        <source>stopped at %1</source>
        <translation>停在%1</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>stopped where, and why</comment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1 tokens a second</source>
        <translation>每秒 %1 个词元</translation>
    </message>
    <message>
        <source>no step is done so far</source>
        <translation>尚未完成任何一步</translation>
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
    <message>
        <source>at least</source>
        <translation>至少</translation>
    </message>
    <message>
        <source>error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>info</source>
        <translation>信息</translation>
    </message>
    <message>
        <source>debug</source>
        <translation>调试</translation>
    </message>
    <message>
        <source>trace</source>
        <translation>跟踪</translation>
    </message>
</context>
<context>
    <name>dubito::runs::NameDelegate</name>
    <message>
        <source>New name</source>
        <translation>新名称</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>基准</translation>
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
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Note…</source>
        <translation>备注…</translation>
    </message>
    <message>
        <source>Tags…</source>
        <translation>标签…</translation>
    </message>
    <message>
        <source>The run is over.</source>
        <translation>运行已结束。</translation>
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
    <message>
        <source>starred</source>
        <translation>已加星</translation>
    </message>
    <message>
        <source>no star</source>
        <translation>未加星</translation>
    </message>
    <message>
        <source>Starred: a click takes the star away</source>
        <translation>已加星：点击取消</translation>
    </message>
    <message>
        <source>A click stars the run</source>
        <translation>点击为运行加星</translation>
    </message>
    <message>
        <source>star</source>
        <translation>星标</translation>
    </message>
    <message>
        <source>tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>last</source>
        <translation>最后值</translation>
    </message>
    <message>
        <source>min</source>
        <translation>最小值</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最大值</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>平均值</translation>
    </message>
    <message>
        <source>%1, baseline</source>
        <translation>%1，基准</translation>
    </message>
    <message numerus="yes">
        <source>%n seed(s)</source>
        <translation>
            <numerusform>%n 个种子</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n seed(s) done</source>
        <translation>
            <numerusform>%n 个种子中已完成 %1 个</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %n failed</source>
        <translation>
            <numerusform>，%n 个失败</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Mean of %n seed(s) that are done; the newest run of each.</source>
        <translation>
            <numerusform>已完成的 %n 个种子的均值；每个种子取最新一次运行。</numerusform>
        </translation>
    </message>
    <message>
        <source>Difference from %1</source>
        <translation>与 %1 的差</translation>
    </message>
    <message numerus="yes">
        <source>95 % interval by Student&apos;s t over %n seed(s)</source>
        <translation>
            <numerusform>按学生 t 分布、%n 个种子的 95 % 区间</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n 个运行</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, difference from %2</source>
        <translation>%1，与 %2 的差</translation>
    </message>
    <message>
        <source>curve</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>95 %</source>
        <translation>95 %</translation>
    </message>
    <message>
        <source>Mean over seeds, at the steps that all of them have.</source>
        <translation>各种子的均值，只取它们都有的步。</translation>
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
    <message>
        <source>Columns ▾</source>
        <translation>列 ▾</translation>
    </message>
    <message>
        <source>Part of a name, tag or note; or a condition: state = done and tag = keep and train/loss.min &lt; 2</source>
        <translation>名称、标签或备注的一部分；或条件：state = done and tag = keep and train/loss.min &lt; 2</translation>
    </message>
    <message>
        <source>Columns of the run table</source>
        <translation>运行表的列</translation>
    </message>
    <message>
        <source>%1 of %2 runs</source>
        <translation>%1 / %2 个运行</translation>
    </message>
    <message>
        <source>%1 loaded</source>
        <translation>已载入 %1 个</translation>
    </message>
    <message>
        <source>%1 selected</source>
        <translation>已选 %1 个</translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) copied</source>
        <translation>
            <numerusform>已复制 %n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>group</source>
        <translation>分组</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>One row for all seeds of a configuration: the mean of those that are done, with its interval. Right opens it, Left closes it.</source>
        <translation>同一配置的所有种子合为一行：已完成者的均值及其区间。右方向键展开，左方向键收起。</translation>
    </message>
    <message>
        <source>Sessions that were started only to look into another run, as its layers or a comparison do. They are no experiments of their own.</source>
        <translation>只为查看另一次运行而启动的会话，例如查看各层或作比较。它们本身不是实验。</translation>
    </message>
    <message numerus="yes">
        <source>%n helper session(s)</source>
        <translation>
            <numerusform>%n 个辅助会话</numerusform>
        </translation>
    </message>
    <message>
        <source>grouped by seed</source>
        <translation>按种子分组</translation>
    </message>
    <message>
        <source>Metrics</source>
        <translation>指标</translation>
    </message>
</context>
</TS>
