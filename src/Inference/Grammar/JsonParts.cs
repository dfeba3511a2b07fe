using System.Text.Encodings.Web;
using System.Text.Json;

namespace Winnow.Inference.Grammar;

/// <summary>
/// JSON (RFC 8259) as rules. White space is bounded, and numbers have at most 16 digits before and after the point: without that a model that is unsure can fill its whole
/// context with either.
/// </summary>
internal sealed class JsonParts
{
    /// <summary>Most digits before, and after, the point.</summary>
    public const int MostDigits = 16;

    private const int MostIndent = 20;
    private const int MostExponentDigits = 3;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly GrammarRules _rules;
    private GrammarNode.Rule? _value;
    private GrammarNode.Rule? _array;
    private GrammarNode.Rule? _object;

    /// <summary>Adds JSON to rules.</summary>
    public JsonParts(GrammarRules rules)
    {
        _rules = rules;
        Number = rules.Add("number", NumberBody());
        Integer = rules.Add("integer", IntegerBody());
        Character = rules.Add("character", CharacterBody());
        String = rules.Add("string", StringOf(0, GrammarNode.Repeat.Unlimited));
    }

    /// <summary>White space between parts: none, a space, or one line break and what indents the next line.</summary>
    public static GrammarNode Space { get; } = GrammarNode.Any(GrammarNode.Empty, GrammarNode.Of(" "), GrammarNode.Of(
        GrammarNode.Of("\n"), new GrammarNode.Repeat(new GrammarNode.OneOf(new CodePointSet((' ', ' '), ('\t', '\t'))), 0, MostIndent)));

    /// <summary>A number.</summary>
    public GrammarNode.Rule Number { get; }

    /// <summary>A number without point and exponent.</summary>
    public GrammarNode.Rule Integer { get; }

    /// <summary>A character of a string, as itself or escaped.</summary>
    public GrammarNode.Rule Character { get; }

    /// <summary>A string.</summary>
    public GrammarNode.Rule String { get; }

    /// <summary>True or false.</summary>
    public static GrammarNode Boolean { get; } = GrammarNode.Any(GrammarNode.Of("true"), GrammarNode.Of("false"));

    /// <summary>Any value.</summary>
    public GrammarNode.Rule AnyValue
    {
        get
        {
            DefineValues();
            return _value!;
        }
    }

    /// <summary>Any array.</summary>
    public GrammarNode.Rule AnyArray
    {
        get
        {
            DefineValues();
            return _array!;
        }
    }

    /// <summary>Any object.</summary>
    public GrammarNode.Rule AnyObject
    {
        get
        {
            DefineValues();
            return _object!;
        }
    }

    /// <summary>One value, written without white space.</summary>
    public static GrammarNode Constant(JsonElement value) => GrammarNode.Of(JsonSerializer.Serialize(value, Plain));

    /// <summary>A member's name and what stands between it and its value.</summary>
    public static GrammarNode Key(string name) => GrammarNode.Of(JsonSerializer.Serialize(name, Plain) + ":");

    /// <summary>A string of so many characters.</summary>
    public GrammarNode StringOf(int least, int most) =>
        GrammarNode.Of(GrammarNode.Of("\""), new GrammarNode.Repeat(least == 0 && most == GrammarNode.Repeat.Unlimited ? CharacterBody() : Character, least, most), GrammarNode.Of("\""));

    /// <summary>Entries between brackets.</summary>
    /// <param name="opens">Opening bracket.</param>
    /// <param name="entry">An entry.</param>
    /// <param name="closes">Closing bracket.</param>
    /// <param name="least">Fewest entries.</param>
    /// <param name="most">Most entries.</param>
    public static GrammarNode List(string opens, GrammarNode entry, string closes, int least, int most)
    {
        GrammarNode open = GrammarNode.Of(GrammarNode.Of(opens), Space);
        GrammarNode close = GrammarNode.Of(closes);
        if (most == 0)
        {
            return GrammarNode.Of(open, close);
        }
        int more = most == GrammarNode.Repeat.Unlimited ? most : most - 1;
        GrammarNode entries = GrammarNode.Of(entry,
            new GrammarNode.Repeat(GrammarNode.Of(GrammarNode.Of(","), Space, entry), Math.Max(0, least - 1), more), Space);
        return GrammarNode.Of(open, least > 0 ? entries : GrammarNode.Optional(entries), close);
    }

    /// <summary>A member: any name, then a value.</summary>
    public GrammarNode Member(GrammarNode value) => GrammarNode.Of(String, GrammarNode.Of(":"), GrammarNode.Optional(GrammarNode.Of(" ")), value);

    private void DefineValues()
    {
        if (_value is not null)
        {
            return;
        }
        _value = _rules.Declare("value");
        _array = _rules.Add("array", List("[", _value, "]", 0, GrammarNode.Repeat.Unlimited));
        _object = _rules.Add("object", List("{", Member(_value), "}", 0, GrammarNode.Repeat.Unlimited));
        _rules.Define(_value, GrammarNode.Any(String, Number, _object, _array, Boolean, GrammarNode.Of("null")));
    }

    private static GrammarNode DigitsOf(int least, int most) => new GrammarNode.Repeat(new GrammarNode.OneOf(new CodePointSet(('0', '9'))), least, most);

    private static GrammarNode IntegerBody() => GrammarNode.Of(GrammarNode.Optional(GrammarNode.Of("-")), GrammarNode.Any(
        GrammarNode.Of("0"), GrammarNode.Of(new GrammarNode.OneOf(new CodePointSet(('1', '9'))), DigitsOf(0, MostDigits - 1))));

    private static GrammarNode NumberBody() => GrammarNode.Of(
        IntegerBody(),
        GrammarNode.Optional(GrammarNode.Of(GrammarNode.Of("."), DigitsOf(1, MostDigits))),
        GrammarNode.Optional(GrammarNode.Of(new GrammarNode.OneOf(new CodePointSet(('e', 'e'), ('E', 'E'))),
            GrammarNode.Optional(new GrammarNode.OneOf(new CodePointSet(('+', '+'), ('-', '-')))), DigitsOf(1, MostExponentDigits))));

    // An escaped code point beyond 16 bits is a pair of surrogates; half a pair is no text.
    private static GrammarNode CharacterBody()
    {
        GrammarNode hex = Set(('0', '9'), ('a', 'f'), ('A', 'F'));
        GrammarNode low = GrammarNode.Of(Set(('d', 'd'), ('D', 'D')), Set(('c', 'f'), ('C', 'F')), hex, hex);
        GrammarNode high = GrammarNode.Of(Set(('d', 'd'), ('D', 'D')), Set(('8', '9'), ('a', 'b'), ('A', 'B')), hex, hex);
        GrammarNode single = GrammarNode.Any(
            GrammarNode.Of(Set(('0', '9'), ('a', 'c'), ('e', 'f'), ('A', 'C'), ('E', 'F')), hex, hex, hex),
            GrammarNode.Of(Set(('d', 'd'), ('D', 'D')), Set(('0', '7')), hex, hex));
        GrammarNode escape = GrammarNode.Of(GrammarNode.Of("\\"), GrammarNode.Any(
            Set(('"', '"'), ('\\', '\\'), ('/', '/'), ('b', 'b'), ('f', 'f'), ('n', 'n'), ('r', 'r'), ('t', 't')),
            GrammarNode.Of(GrammarNode.Of("u"), GrammarNode.Any(single, GrammarNode.Of(high, GrammarNode.Of("\\u"), low)))));
        CodePointSet plain = new CodePointSet(('\0', '\u001f'), ('"', '"'), ('\\', '\\')).Complement();
        return GrammarNode.Any(new GrammarNode.OneOf(plain), escape);
    }

    private static GrammarNode Set(params ReadOnlySpan<(int, int)> ranges) => new GrammarNode.OneOf(new CodePointSet(ranges));
}
