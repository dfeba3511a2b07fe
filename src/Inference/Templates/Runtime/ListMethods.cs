namespace Winnow.Inference.Templates.Runtime;

/// <summary>Methods of lists and tuples; those that would change the list are not there, as in transformers' sandbox.</summary>
internal static class ListMethods
{
    /// <summary>A method, or null.</summary>
    public static object? Find(JinjaList list, string name) => name switch
    {
        "count" => new JinjaFunction(name, (context, arguments) =>
        {
            object? wanted = arguments.Bind(name, "value").Need("value");
            return (long)list.Items.Count(item => Comparison.AreEqual(context.Budget, item, wanted));
        }),
        "index" => new JinjaFunction(name, (context, arguments) => IndexOf(context, list, arguments.Bind(name, "value").Need("value"))),
        _ => null,
    };

    private static object IndexOf(RenderContext context, JinjaList list, object? wanted)
    {
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (Comparison.AreEqual(context.Budget, list.Items[i], wanted))
            {
                return (long)i;
            }
        }
        throw new EvaluationException("the list does not have the value that 'index' looks for");
    }
}
