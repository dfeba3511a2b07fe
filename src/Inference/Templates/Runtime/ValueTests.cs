using System.Collections.Frozen;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>The tests by name: <c>value is name</c>.</summary>
internal static class ValueTests
{
    private static readonly FrozenDictionary<string, Func<RenderContext, object?, CallArguments, bool>> ByName =
        new Dictionary<string, Func<RenderContext, object?, CallArguments, bool>>(StringComparer.Ordinal)
        {
            ["boolean"] = static (_, value, _) => value is bool,
            ["callable"] = static (_, value, _) => value is JinjaFunction,
            ["defined"] = static (_, value, _) => value is not Undefined,
            ["divisibleby"] = static (context, value, arguments) => Remainder(context, value, arguments.Bind("divisibleby", "num").Need("num")) == 0,
            ["even"] = static (context, value, _) => Remainder(context, value, 2L) == 0,
            ["false"] = static (_, value, _) => value is false,
            ["filter"] = static (_, value, _) => value is string name && Filters.Exists(name),
            ["float"] = static (_, value, _) => value is double,
            ["integer"] = static (_, value, _) => value is long,
            ["iterable"] = static (_, value, _) => value is string or JinjaList or JinjaDict or Undefined,
            ["lower"] = static (_, value, _) => value is string text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
            ["mapping"] = static (_, value, _) => value is JinjaDict,
            ["none"] = static (_, value, _) => value is null,
            ["number"] = static (_, value, _) => value is long or double or bool,
            ["odd"] = static (context, value, _) => Remainder(context, value, 2L) == 1,
            ["sequence"] = static (_, value, _) => value is string or JinjaList or JinjaDict or Undefined,
            ["string"] = static (_, value, _) => value is string,
            ["test"] = static (_, value, _) => value is string name && Exists(name),
            ["true"] = static (_, value, _) => value is true,
            ["undefined"] = static (_, value, _) => value is Undefined,
            ["upper"] = static (_, value, _) => value is string text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
            ["sameas"] = static (context, value, arguments) => IsSame(context, value, arguments.Bind("sameas", "other").Need("other")),
            ["in"] = static (context, value, arguments) => Comparison.Contains(context.Budget, arguments.Bind("in", "seq").Need("seq"), value),
            ["eq"] = AreEqual,
            ["equalto"] = AreEqual,
            ["=="] = AreEqual,
            ["ne"] = static (context, value, arguments) => !AreEqual(context, value, arguments),
            ["!="] = static (context, value, arguments) => !AreEqual(context, value, arguments),
            ["lt"] = static (context, value, arguments) => Order(context, value, arguments) < 0,
            ["lessthan"] = static (context, value, arguments) => Order(context, value, arguments) < 0,
            ["<"] = static (context, value, arguments) => Order(context, value, arguments) < 0,
            ["le"] = static (context, value, arguments) => Order(context, value, arguments) <= 0,
            ["<="] = static (context, value, arguments) => Order(context, value, arguments) <= 0,
            ["gt"] = static (context, value, arguments) => Order(context, value, arguments) > 0,
            ["greaterthan"] = static (context, value, arguments) => Order(context, value, arguments) > 0,
            [">"] = static (context, value, arguments) => Order(context, value, arguments) > 0,
            ["ge"] = static (context, value, arguments) => Order(context, value, arguments) >= 0,
            [">="] = static (context, value, arguments) => Order(context, value, arguments) >= 0,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether there is a test of that name.</summary>
    public static bool Exists(string name) => ByName.ContainsKey(name);

    /// <summary>Applies a test.</summary>
    /// <exception cref="EvaluationException">There is none of that name, or it does not go with the value.</exception>
    public static bool Apply(RenderContext context, string name, object? value, CallArguments arguments)
    {
        context.Budget.Step();
        return ByName.TryGetValue(name, out Func<RenderContext, object?, CallArguments, bool>? test)
            ? test(context, value, arguments)
            : throw new EvaluationException($"there is no test '{name}'");
    }

    private static double Remainder(RenderContext context, object? value, object? divisor) =>
        Arithmetic.Apply(context.Budget, "%", value, divisor) switch
        {
            long remainder => remainder,
            double remainder => remainder,
            _ => throw new EvaluationException($"a remainder needs numbers, found {TypeNames.Of(value)}"),
        };

    private static bool IsSame(RenderContext context, object? value, object? other) =>
        value is null or bool or long or double or string
            ? value?.GetType() == other?.GetType() && Comparison.AreEqual(context.Budget, value, other)
            : ReferenceEquals(value, other);

    private static bool AreEqual(RenderContext context, object? value, CallArguments arguments) =>
        Comparison.AreEqual(context.Budget, value, arguments.Bind("equalto", "other").Need("other"));

    private static int Order(RenderContext context, object? value, CallArguments arguments) =>
        Comparison.Compare(context.Budget, value, arguments.Bind("compare", "other").Need("other"));
}
