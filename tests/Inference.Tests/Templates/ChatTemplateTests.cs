using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Templates;

public sealed class ChatTemplateTests
{
    private const string ToolTemplate = """
        {%- set ns = namespace(calls=0) %}
        {%- macro call(c) %}
            {%- set f = c.function if c.function is defined else c %}
            {{- '<call name="' ~ f.name ~ '">' ~ f.arguments | tojson ~ '</call>' }}
        {%- endmacro %}
        {{- bos_token }}
        {%- if tools %}
        [tools]
        {% for tool in tools %}
        - {{ tool.function.name }}: {{ tool | tojson }}
        {% endfor %}
        {% endif %}
        {% for m in messages if m.role != 'system' %}
            {% if m.tool_calls is defined and m.tool_calls %}
        {{ m.role }}>{% for c in m.tool_calls %}{{ call(c) }}{% set ns.calls = ns.calls + 1 %}{% endfor %}

            {% else %}
        {{ m.role }}> {{ m.content | trim }}
            {% endif %}
        {% endfor %}
        calls={{ ns.calls }}
        {% if add_generation_prompt %}
        assistant>
        {%- endif %}
        """;

    [Fact]
    public void Render_ToolConversation_GivesTheWholePrompt()
    {
        ChatTemplateInput input = new()
        {
            Messages = TemplateSample.Json("""
                [{"role": "system", "content": "s"}, {"role": "user", "content": " w? "},
                 {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {"a": "é\"", "n": 1.0}}}, {"name": "g", "arguments": {}}]},
                 {"role": "tool", "content": "3"}]
                """),
            Tools = TemplateSample.Json("""[{"type": "function", "function": {"name": "f", "parameters": {"x": [1, true, null]}}}]"""),
            AddGenerationPrompt = true,
            BosToken = "<s>",
            EosToken = "</s>",
            Now = TemplateSample.Now,
        };

        Assert.Equal(
            "<s>[tools]\n- f: {\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": {\"x\": [1, true, null]}}}\n"
            + "user> w?\nassistant><call name=\"f\">{\"a\": \"é\\\"\", \"n\": 1.0}</call><call name=\"g\">{}</call>\ntool> 3\ncalls=2\nassistant>",
            ChatTemplate.Parse(ToolTemplate).Render(input));
    }

    [Fact]
    public void Render_ShippedTemplate_ClosesEveryMessage()
    {
        using ModelFile file = ModelFile.Open(Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf"));
        ChatTemplateInput input = TemplateSample.Input("""[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]""");

        ChatTemplate sut = ChatTemplate.FromFile(file);

        Assert.Equal("<|user|>Hi<|end|><|assistant|>Yes<|end|>", sut.Render(input));
        Assert.Equal("<|user|>Hi<|end|><|assistant|>Yes<|end|><|assistant|>", sut.Render(input with { AddGenerationPrompt = true }));
    }

    [Fact]
    public void FromFile_NoTemplate_NamesTheKey()
    {
        using TemporaryFolder folder = new();
        using ModelFile file = ModelFile.Open(new TinyLlama { ChatTemplate = null }.Write(folder));

        Assert.Contains("'tokenizer.chat_template' is 'missing'", Assert.Throws<ModelFileException>(() => ChatTemplate.FromFile(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFile_MalformedTemplate_RefusesWhenRendered()
    {
        using TemporaryFolder folder = new();
        using ModelFile file = ModelFile.Open(new TinyLlama { ChatTemplate = "a\n{% if %}" }.Write(folder));

        ChatTemplate sut = ChatTemplate.FromFile(file);

        Assert.Equal(2, sut.Error?.Line);
        TemplateException error = Assert.Throws<TemplateException>(() => sut.Render(TemplateSample.Input()));
        Assert.Equal("Chat template, line 2: found '%}', expected an expression.", error.Message);
    }

    [Theory]
    [InlineData("{{ none }}", "")]
    [InlineData("{{ {'a': none}.a }}", "")]
    [InlineData("{{ 'a' + 1 }}{{ 1.5 + 'b' }}", "a11.5b")]
    [InlineData("{{ nope | tojson }}", "null")]
    public void Render_WhereJinja2IsUnkind_FollowsTheOtherImplementation(string template, string expected) =>
        Assert.Equal(expected, TemplateSample.Render(template));

    [Fact]
    public void Render_NamesNotGiven_AreUndefined() =>
        Assert.Equal("False False False", TemplateSample.Render("{{ tools is defined }} {{ bos_token is defined }} {{ eos_token is defined }}"));

    [Fact]
    public void Render_Variables_TakePrecedence() =>
        Assert.Equal("y 3", TemplateSample.Render("{{ bos_token }} {{ n }}", variables: """{"bos_token": "y", "n": 3}"""));

    [Fact]
    public void Render_Now_IsTheInjectedClock() =>
        Assert.Equal("06 Jul 2024|6|Saturday 05:04:03 AM|+0000", TemplateSample.Render("{{ strftime_now('%d %b %Y|%-d|%A %H:%M:%S %p|%z') }}"));

    [Fact]
    public void Render_SameTemplateTwice_KeepsNoState()
    {
        ChatTemplate sut = ChatTemplate.Parse("{% set ns = namespace(n=0) %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{{ x is defined }}{% set x = 1 %}");

        Assert.Equal("1False", sut.Render(TemplateSample.Input()));
        Assert.Equal("1False", sut.Render(TemplateSample.Input()));
    }

    [Fact]
    public void Render_NumbersOfTheInput_KeepTheirKind() =>
        Assert.Equal("1 1.0 1e+20", TemplateSample.Render("{{ a }} {{ b }} {{ c }}", variables: """{"a": 1, "b": 1.0, "c": 1e20}"""));
}
